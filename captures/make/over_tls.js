'use strict';
// Preloaded (node -r): http.createServer becomes https.createServer and net.connect becomes
// tls.connect, so that a script written for ws:// runs over TLS as it is. OVER_TLS is a JSON object:
// `server` and `client` are options of the two; key, cert and ca are names of files.
const fs = require('fs');
const http = require('http');
const https = require('https');
const net = require('net');
const tls = require('tls');

const { server = {}, client } = JSON.parse(process.env.OVER_TLS ?? '{}');
const read = (options) => {
  const files = {};
  for (const name of ['key', 'cert', 'ca']) {
    if (options[name]) files[name] = fs.readFileSync(options[name]);
  }
  return { ...options, ...files };
};

if (server.key) {
  http.createServer = (...rest) => {
    const own = typeof rest[0] === 'object' ? rest.shift() : {};
    return https.createServer({ ...read(server), ...own }, ...rest);
  };
}
if (client) {
  const connect = (first, ...rest) => {
    const options = typeof first === 'object' ? first : { port: first };
    if (typeof rest[0] === 'string') options.host = rest.shift();
    const { path, ...others } = options;
    return tls.connect({ rejectUnauthorized: false, ...others, ...read(client) }, ...rest);
  };
  net.connect = net.createConnection = connect;
  http.globalAgent.createConnection = connect;
}
