'use strict';
// One client that leaves after the first echo. Prints what it is told, one JSON object a line.
// Arguments: PORT ACT, where ACT is close (without a code: an empty Close) or terminate.
const WebSocket = require('ws');

const [port, act] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));

const client = new WebSocket(`ws://127.0.0.1:${port}/live`, { perMessageDeflate: false });
client.on('open', () => client.send('hello'));
client.on('message', (data) => {
  said('message', { text: String(data) });
  setTimeout(() => client[act](), 200);
});
client.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
client.on('close', (status, reason) => said('close', { status, reason: String(reason) }));
