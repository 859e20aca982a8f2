'use strict';
// An echo server of ws. Prints what it is told, one JSON object a line. The path that was asked for
// stands in every line, so that one server tells of many connections. "please close" is not echoed,
// a path close-CODE with a code of applications is closed with it, and at-once is torn down before anything is said.
// Arguments: PORT HOW [OPTIONS], where HOW is
//   alone  WebSocketServer opens the port itself
//   plain  an HTTP server that answers 200 to every request; WebSocketServer sits on its 'upgrade'
const http = require('http');
const WebSocket = require('ws');

const [port, how, json] = process.argv.slice(2);
const options = JSON.parse(json ?? '{}');
const said = (event, more) => console.log(JSON.stringify({ side: 'server', event, ...more }));
const listening = () => said('listening');

let server;
if (how === 'alone') {
  server = new WebSocket.Server({ host: '127.0.0.1', port: Number(port), ...options }, listening);
} else {
  const plain = http.createServer((request, response) => response.end('It works.\n'));
  server = new WebSocket.Server({ server: plain, ...options });
  plain.listen(Number(port), '127.0.0.1', listening);
}
server.on('connection', (socket, { url: path }) => {
  socket.on('message', (data, isBinary) => {
    said('message', { path, text: String(data).slice(0, 60) });
    const code = /^\/close-(1008|1011|1013|3000|4000)$/.exec(path);
    if (code) return socket.close(Number(code[1]), `reason ${code[1]}`);
    if (String(data) === 'please close') return socket.close(1000, 'as you wish');
    socket.send(data, { binary: isBinary });
  });
  if (path === '/at-once') socket.terminate();
  socket.on('error', (error) => {
    said('error', { path, text: error.message, code: error.code ?? null });
  });
  socket.on('close', (status) => said('close', { path, status }));
});
process.on('SIGTERM', () => process.exit(0));
