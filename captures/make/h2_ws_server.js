'use strict';
// WebSockets over HTTP/2 (RFC 8441) with Node's own http2 and `ws` on each stream. Prints what it is
// told, one JSON object a line. Arguments: PORT ACT, where ACT is echo or what the word `act` brings
// about: reset, goaway, drain, raw, end; or disabled, which does not allow extended CONNECT. Over TLS
// where OVER_TLS names a certificate and its key; another request gets the page BROWSER_PAGE names.
const fs = require('fs');
const http2 = require('http2');
const WebSocket = require('ws');

const [port, act] = process.argv.slice(2);
const said = (event, more) => console.log(JSON.stringify({ side: 'server', event, ...more }));

const settings = { enableConnectProtocol: act !== 'disabled' };
const papers = process.env.OVER_TLS && JSON.parse(process.env.OVER_TLS);
const page = process.env.BROWSER_PAGE && fs.readFileSync(process.env.BROWSER_PAGE);
const server = papers
  ? http2.createSecureServer({
    key: fs.readFileSync(papers.key), cert: fs.readFileSync(papers.cert), settings,
  })
  : http2.createServer({ settings });

const options = { allowSynchronousEvents: true, maxPayload: 1 << 20, skipUTF8Validation: false };

// What `ws` expects of a net.Socket and a stream of HTTP/2 has not.
const asSocket = (stream) => Object.assign(stream, { setNoDelay() {}, setKeepAlive() {} });

server.on('stream', (stream, headers) => {
  stream.on('error', (error) => said('stream-error', { text: error.message }));
  if (headers[':protocol'] !== 'websocket') {
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    return stream.end(page || '');
  }
  if (headers[':path'] === '/forbidden') {
    return stream.respond({ ':status': 403 }, { endStream: true });
  }
  stream.respond({ ':status': 200, 'sec-websocket-protocol': headers['sec-websocket-protocol'] });
  const socket = new WebSocket(null, undefined, {});
  socket.setSocket(asSocket(stream), Buffer.alloc(0), options);
  socket.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
  socket.on('close', (status) => said('close', { path: headers[':path'], status }));
  socket.on('message', (data) => {
    socket.send(`echo ${data}`);
    if (String(data) !== 'act') return;
    if (act === 'reset') stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    if (act === 'raw') stream.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    if (act === 'end') stream.end();
    if (act === 'goaway') {
      stream.session.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
      stream.session.destroy();
    }
    if (act === 'drain') {
      stream.session.goaway(http2.constants.NGHTTP2_NO_ERROR);
      setTimeout(() => stream.session.destroy(), 300);
    }
  });
});
server.listen(Number(port), '127.0.0.1', () => said('listening'));
