'use strict';
// One HTTP server with two WebSocket servers on it. Prints what it is told, one JSON object a line.
// Arguments: PORT SCENARIO, where SCENARIO says what the second WebSocket server does:
//   other-path          it does not know the path and writes 400 Bad Request after our 101
//   other-path-deflate  the same with permessage-deflate agreed
//   same-path           it takes the socket as well: a second 101 (ws before 7.4 lets it)
const http = require('http');
const WebSocket = require('ws');

const [port, scenario] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'server', event, ...more }));

const server = http.createServer((request, response) => response.end());
const perMessageDeflate = scenario === 'other-path-deflate';
const live = new WebSocket.Server({ server, path: '/live', perMessageDeflate });
new WebSocket.Server({ server, path: scenario === 'same-path' ? '/live' : '/admin' });

live.on('connection', (socket) => {
  socket.on('message', (data) => said('message', { text: String(data) }));
  socket.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
  socket.on('close', (status) => said('close', { status }));
  socket.send('{"type":"welcome"}');
});
process.on('uncaughtException', (error) => {
  said('uncaughtException', { text: `${error.name}: ${error.message}`, code: error.code ?? null });
  process.exit(1);
});
server.listen(Number(port), '127.0.0.1', () => said('listening'));
