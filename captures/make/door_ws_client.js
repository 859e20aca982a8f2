'use strict';
// One client of ws. Prints what it is told, one JSON object a line.
// Arguments: URL [OPTIONS], OPTIONS a JSON object: `protocols`, `send` (a list of texts), `closeAfter`
// (milliseconds after 'open'; null: never), `terminateAfter` (milliseconds from the start); the rest goes
// to WebSocket as it is.
const WebSocket = require('ws');

const [url, json] = process.argv.slice(2);
const { protocols = [], send = [], closeAfter = 200, terminateAfter, ...options } = JSON.parse(json ?? '{}');
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));

const client = new WebSocket(url, protocols, options);
client.on('open', () => {
  said('open');
  for (const text of send) client.send(text);
  if (closeAfter !== null) setTimeout(() => client.close(1000), closeAfter);
});
client.on('message', (data) => said('message', { text: String(data) }));
client.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
client.on('close', (status) => said('close', { status }));
if (terminateAfter) setTimeout(() => client.terminate(), terminateAfter);
