'use strict';
// A server of ws that greets and then sends two ticks; what follows is the scenario's. Prints what
// it is told, one JSON object a line. Arguments: PORT SCENARIO DEFLATE, where DEFLATE is deflate or
// plain, and SCENARIO is
//   newline   a module that keeps every TCP socket writes a line feed into it; a third tick follows
//   array     ' [] ' is written through `socket._socket`
//   json      a JSON object is written through `socket._socket`
//   ticks     a third tick
//   pings     two pings
//   forever   a tick every 0.2 s, and no listener of 'error'
const http = require('http');
const { WebSocketServer } = require('ws');

const [port, scenario, deflate] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'server', event, ...more }));
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const tick = (socket, n) => socket.readyState === 1 && socket.send(`{"type":"tick","n":${n}}`);

const server = http.createServer();
const tcp = [];
server.on('connection', (socket) => tcp.push(socket));
const wss = new WebSocketServer({ server, perMessageDeflate: deflate === 'deflate' });

const scenarios = {
  newline: (socket) => {
    tcp.forEach((each) => each.write('\n'));
    return pause(0.1).then(() => tick(socket, 3));
  },
  array: (socket) => socket._socket.write(' [] '),
  json: (socket) => socket._socket.write('{"type":"tick","n":3}'),
  ticks: (socket) => tick(socket, 3),
  pings: async (socket) => {
    socket.ping('beat');
    await pause(0.2);
    socket.ping('beat');
  },
};

wss.on('connection', async (socket) => {
  socket.on('message', (data) => said('message', { text: String(data) }));
  socket.on('close', (status) => said('close', { status }));
  socket.send('{"type":"welcome"}');
  if (scenario === 'forever') {
    let n = 0;
    return setInterval(() => tick(socket, ++n), 200);
  }
  socket.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
  for (const n of [1, 2]) {
    await pause(0.1);
    tick(socket, n);
  }
  await pause(0.1);
  await scenarios[scenario](socket);
});
// A monitor changes nothing: the process dies as without it.
process.on('uncaughtExceptionMonitor', (error) => {
  said('uncaughtException', { text: `${error.name}: ${error.message}`, code: error.code ?? null });
});
server.listen(Number(port), '127.0.0.1', () => said('listening'));
