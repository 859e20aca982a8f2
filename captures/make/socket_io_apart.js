'use strict';
// socket.io over WebSocket alone, server or client. Prints what it is told, one JSON object a line.
// Arguments: server PORT, or client PORT. The server pings every second and waits one for the pong.
const http = require('http');

const [role, port] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: role, event, ...more }));

if (role === 'server') {
  const { Server } = require('socket.io');
  const server = http.createServer();
  const io = new Server(server, { pingInterval: 1000, pingTimeout: 1000 });
  io.on('connection', (socket) => {
    socket.on('disconnect', (reason) => said('disconnect', { text: reason }));
  });
  server.listen(Number(port), '127.0.0.1', () => said('listening'));
} else {
  const { io } = require('socket.io-client');
  const client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], reconnection: false });
  client.on('connect', () => said('connected'));
  client.on('disconnect', (reason) => {
    said('disconnect', { text: reason });
    process.exit(0);
  });
}
