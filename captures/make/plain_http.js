'use strict';
// HTTP without any WebSocket, server and client in one process. Prints what the client is told, one JSON
// object a line. Arguments: PORT SCENARIO, where SCENARIO is
//   requests  three requests on one connection
//   events    server-sent events
const http = require('http');

const [port, scenario] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const server = http.createServer((request, response) => {
  if (request.url !== '/events') {
    request.resume().on('end', () => response.end(`${request.method} ${request.url}\n`));
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  let count = 0;
  const timer = setInterval(() => {
    response.write(`event: price\ndata: {"number":${count}}\n\n`);
    if (++count === 5) {
      clearInterval(timer);
      response.end();
    }
  }, 100);
});

function ask(method, path, body) {
  return new Promise((resolve) => {
    const request = http.request({ port, host: '127.0.0.1', method, path, agent }, (response) => {
      response.on('data', (data) => said('data', { text: String(data) }));
      response.on('end', () => setTimeout(resolve, 50));
    });
    request.end(body);
  });
}

server.listen(Number(port), '127.0.0.1', async () => {
  if (scenario === 'events') {
    await ask('GET', '/events');
  } else {
    await ask('GET', '/');
    await ask('POST', '/form', 'name=value');
    await ask('GET', '/app.js');
  }
  agent.destroy();
  server.close();
});
