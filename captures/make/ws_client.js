'use strict';
// One client that subscribes once it is open, unless it is told to be silent. Prints what it is
// told, one JSON object a line. Arguments: PORT PATH DEFLATE [silent], where DEFLATE is deflate or
// plain.
const WebSocket = require('ws');

const [port, path, deflate, silent] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));

const perMessageDeflate = deflate === 'deflate';
const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate });
client.on('open', () => silent || client.send('{"type":"subscribe","topic":"prices"}'));
client.on('message', (data) => said('message', { text: String(data) }));
client.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
client.on('close', (status) => said('close', { status }));
