'use strict';
// Clients of ws that open one after the other and only listen. Prints what they are told, one JSON
// object a line, with the number of the client as `stream`; 'all-open' once all are.
// Arguments: PORT COUNT.
const WebSocket = require('ws');

const [port, count] = process.argv.slice(2).map(Number);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));

function open(stream) {
  if (stream === count) return said('all-open');
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  client.on('open', () => open(stream + 1));
  client.on('error', (error) =>
    said('error', { stream, text: error.message, code: error.code ?? null }),
  );
  client.on('close', (status) => said('close', { stream, status }));
}
open(0);
