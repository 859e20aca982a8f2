'use strict';
// A client of ws that connects twice, the second time with the TLS session of the first. Prints what
// it is told, one JSON object a line. Arguments: URL [OPTIONS of WebSocket].
const WebSocket = require('ws');

const [url, json] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));
let session = null;

const visit = (next) => {
  const options = { rejectUnauthorized: false, ...JSON.parse(json ?? '{}'), session };
  const client = new WebSocket(url, [], options);
  client.on('upgrade', ({ socket }) => {
    said('secure', { resumed: socket.isSessionReused(), protocol: socket.getProtocol() });
    socket.on('session', (fresh) => (session = fresh));
    session = socket.getSession() ?? session;
  });
  client.on('open', () => client.send('hello'));
  client.on('message', () => setTimeout(() => client.close(1000), 50));
  client.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
  client.on('close', (status) => {
    said('close', { status });
    next();
  });
};
visit(() => setTimeout(() => visit(() => {}), 100));
