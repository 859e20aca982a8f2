'use strict';
// A client of ws on a keep-alive agent: requests go before the upgrade on the same connection. Prints
// what it is told, one JSON object a line. Arguments: PORT SCENARIO, where SCENARIO is
//   keep-alive  two plain GETs, then the upgrade
//   retry-401   an upgrade request without credentials, then the same with them
const http = require('http');
const WebSocket = require('ws');

const [port, scenario] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

function get(path, headers) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      said('response', { path, status: response.statusCode });
      response.resume();
      response.on('end', () => setTimeout(resolve, 50));
    }).on('error', reject);
  });
}

async function main() {
  if (scenario === 'keep-alive') {
    await get('/');
    await get('/app.js');
  } else {
    await get('/live', UPGRADE);
  }
  const auth = scenario === 'retry-401' ? 'reader:secret' : undefined;
  const client = new WebSocket(`ws://127.0.0.1:${port}/live`, { agent, auth });
  client.on('open', () => client.send('hello'));
  client.on('message', (data) => {
    said('message', { text: String(data) });
    client.close(1000);
  });
  client.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
  client.on('close', (status) => {
    said('close', { status });
    agent.destroy();
  });
}

main();
