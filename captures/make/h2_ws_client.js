'use strict';
// Two WebSockets on one HTTP/2 connection (RFC 8441) with Node's own http2 and `ws` on each stream.
// Prints what it is told, one JSON object a line. Arguments: PORT WORD PATH..., where WORD is what the
// first one sends last; the others close 0.5 s after their third message, and so does the first
// where WORD is close. Over TLS where OVER_TLS is set.
const http2 = require('http2');
const WebSocket = require('ws');

const [port, word, ...paths] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, ...more }));

const options = { allowSynchronousEvents: true, maxPayload: 1 << 20, skipUTF8Validation: false };
const asSocket = (stream) => Object.assign(stream, { setNoDelay() {}, setKeepAlive() {} });
const scheme = process.env.OVER_TLS ? 'https' : 'http';
const session = http2.connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
session.on('error', (error) => said('session-error', { text: error.message }));
session.on('goaway', (code) => said('goaway', { code }));

let open = paths.length;
const over = () => --open || setTimeout(() => session.close(), 100);

function visit(path, number) {
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': path,
    ':scheme': scheme,
    ':authority': `127.0.0.1:${port}`,
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'chat',
    origin: `${scheme}://127.0.0.1`,
  });
  stream.on('error', (error) => { said('stream-error', { path, text: error.message }); });
  stream.on('close', () => said('stream-close', { path, code: stream.rstCode }));
  stream.on('response', (headers) => {
    if (headers[':status'] === 200) return talk(stream, path, number);
    said('rejected', { path, status: headers[':status'] });
    over();
  });
}

function talk(stream, path, number) {
  const socket = new WebSocket(null, undefined, {});
  socket._isServer = false;
  socket.setSocket(asSocket(stream), Buffer.alloc(0), options);
  socket.on('error', (error) => said('error', { path, text: error.message, code: error.code ?? null }));
  socket.on('close', (status) => { said('close', { path, status }); over(); });
  let heard = 0;
  socket.on('message', (data) => {
    said('message', { path, text: String(data) });
    heard += 1;
    if (heard < 3) socket.send(`hello ${heard} on ${path}`);
    else if (heard > 3) return;
    else if (number === 0 && word !== 'close') socket.send(word);
    else setTimeout(() => socket.close(1000), 500);
  });
  socket.send(`hello 0 on ${path}`);
}

const begin = (settings) => {
  said('settings', { connect: settings.enableConnectProtocol ?? null });
  paths.forEach(visit);
};
session.once('remoteSettings', begin);
setTimeout(() => session.destroyed || session.close(), 4000).unref();
