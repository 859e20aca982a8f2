'use strict';
// Two WebSockets on one HTTP/2 connection (RFC 8441) with Node's own http2 and `ws` on each stream.
// Prints what it is told, one JSON object a line. Arguments: PORT WORD PATH..., where WORD is what the
// first one sends last (close: it closes).
const http2 = require('http2');
const WebSocket = require('ws');

const [port, word, ...paths] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));

const asSocket = (stream) => Object.assign(stream, { setNoDelay() {}, setKeepAlive() {} });
const session = http2.connect(`http://127.0.0.1:${port}`);
session.on('error', (error) => said('session-error', { text: error.message }));
session.on('goaway', (code) => said('goaway', { code }));

let open = paths.length;
const over = () => --open || setTimeout(() => session.close(), 100);

function visit(path, number) {
  const stream = session.request({
    ':method': 'CONNECT', ':protocol': 'websocket', ':path': path, ':scheme': 'http', ':authority': `127.0.0.1:${port}`,
    'sec-websocket-version': '13', 'sec-websocket-protocol': 'chat', origin: 'http://127.0.0.1',
  });
  stream.on('error', (error) => said('stream-error', { path, text: error.message }));
  stream.on('response', (headers) => {
    if (headers[':status'] !== 200) { said('rejected', { path, status: headers[':status'] }); return over(); }
    const socket = new WebSocket(null, undefined, {});
    socket._isServer = false;
    socket.setSocket(asSocket(stream), Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 1 << 20, skipUTF8Validation: false });
    socket.on('error', (error) => said('error', { path, text: error.message, code: error.code ?? null }));
    socket.on('close', (status) => { said('close', { path, status }); over(); });
    let heard = 0;
    socket.on('message', (data) => {
      said('message', { path, text: String(data) });
      heard += 1;
      if (heard < 3) socket.send(`hello ${heard} on ${path}`);
      else if (number === 0 && word !== 'close') heard === 3 && socket.send(word);
      else if (number > 0 && word !== 'close') setTimeout(() => socket.close(1000), 500);
      else socket.close(1000);
    });
    socket.send(`hello 0 on ${path}`);
  });
}
session.on('remoteSettings', (settings) => { if (open && !session.visited) { session.visited = true; said('settings', { connect: settings.enableConnectProtocol }); paths.forEach(visit); } });
