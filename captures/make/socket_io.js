'use strict';
// socket.io, server and client in one process: long polling first, then the upgrade to WebSocket. Prints
// what each side is told, one JSON object a line. Arguments: PORT.
const http = require('http');
const { Server } = require('socket.io');
const { io } = require('socket.io-client');

const port = Number(process.argv[2]);
const said = (side, event, more) => console.log(JSON.stringify({ side, event, ...more }));

const server = http.createServer();
new Server(server).on('connection', (socket) => {
  socket.conn.on('upgrade', (transport) => said('server', 'upgrade', { text: transport.name }));
  socket.on('question', (text, answer) => answer(`echo: ${text}`));
  socket.on('disconnect', (reason) => said('server', 'disconnect', { text: reason }));
});
server.listen(port, '127.0.0.1', () => {
  const client = io(`http://127.0.0.1:${port}`);
  client.on('connect', () => {
    // The upgrade takes a probe there and back; 300 ms are enough on loopback.
    setTimeout(() => {
      client.emit('question', 'hello', (answer) => {
        said('client', 'answer', { text: answer, over: client.io.engine.transport.name });
        setTimeout(() => client.disconnect(), 200);
      });
    }, 300);
  });
  client.on('disconnect', (reason) => {
    said('client', 'disconnect', { text: reason });
    setTimeout(() => process.exit(0), 500);
  });
});
