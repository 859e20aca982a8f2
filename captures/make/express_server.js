'use strict';
// Express and ws on one HTTP server. Prints what it is told, one JSON object a line.
// Arguments: PORT SCENARIO DEFLATE, where DEFLATE is deflate or plain, and SCENARIO is
//   dispatched   `{ server }` takes the upgrade, and a listener of 'upgrade' hands the same request to
//                Express, whose route upgrades again
//   next         nobody listens to 'upgrade'; the route upgrades through req.socket and calls next()
//   send         the same, and the route answers with res.send()
//   heartbeat    the same without another answer; the server pings every 5 s
//   impatient    as heartbeat, with short limits: headersTimeout 1 s, looked at every 0.5 s
//   unpinged     as impatient without pings: nothing makes the client send; the server closes after 3 s
//   unentered    `{ server }` takes the upgrade, so the route is never entered; the server closes
//                after 0.3 s
const http = require('http');
const express = require('express');
const WebSocket = require('ws');

const [port, scenario, deflate] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'server', event, ...more }));

const app = express();
const short = ['impatient', 'unpinged'].includes(scenario);
const limits = short ? { headersTimeout: 1000, connectionsCheckingInterval: 500 } : {};
const server = http.createServer(limits, app);
const beat = { heartbeat: 5000, impatient: 400 }[scenario];
const patience = { unpinged: 3000, unentered: 300 }[scenario];
const perMessageDeflate = deflate === 'deflate';
const whose = ['dispatched', 'unentered'].includes(scenario) ? { server } : { noServer: true };
const wss = new WebSocket.Server({ ...whose, perMessageDeflate });

function talk(socket) {
  socket.on('message', (data) => said('message', { text: String(data) }));
  socket.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
  // ws 7 tells undefined where two upgrades share a socket.
  socket.on('close', (status) => said(status ? 'close' : 'close-without-status', { status }));
  socket.send('{"type":"welcome"}');
  if (beat) {
    const timer = setInterval(() => socket.ping(), beat);
    socket.on('close', () => clearInterval(timer));
  }
  if (patience) setTimeout(() => socket.close(1000, 'done'), patience);
}
wss.on('connection', talk);

app.get('/ws', (request, response, next) => {
  said('entered');
  try {
    wss.handleUpgrade(request, request.socket, Buffer.alloc(0), talk);
  } catch (error) {
    said('thrown', { text: error.message });
    throw error;
  }
  if (scenario === 'next') next();
  if (scenario === 'send') response.send('welcome');
});

if (scenario === 'dispatched') {
  server.on('upgrade', (request, socket) => {
    const response = new http.ServerResponse(request);
    response.assignSocket(socket);
    app(request, response);
  });
}
server.listen(Number(port), '127.0.0.1', () => said('listening'));
