'use strict';
// ws that echoes, over HTTP/1.1. Prints what it is told, one JSON object a line. Argument: PORT.
const { WebSocketServer } = require('ws');

const said = (event, more) => console.log(JSON.stringify({ side: 'server', event, ...more }));
const port = Number(process.argv[2]);
const server = new WebSocketServer({ port, host: '127.0.0.1' }, () => said('listening'));
server.on('connection', (socket, request) => {
  socket.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
  socket.on('close', (status) => said('close', { path: request.url, status }));
  socket.on('message', (data) => socket.send(`echo ${data}`));
});
