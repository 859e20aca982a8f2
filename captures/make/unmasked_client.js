'use strict';
// A hand-written client that does not mask: it greets, and tells the code of the Close it gets, or
// 1006 where none came. Arguments: PORT STREAM, the number of its connection in the capture.
const http = require('http');

const [port, stream] = process.argv.slice(2).map(Number);
const said = (event, more) => console.log(JSON.stringify({ side: 'client', event, stream, ...more }));

const headers = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const request = http.get({ host: '127.0.0.1', port, path: '/', headers });
request.on('upgrade', (response, socket, head) => {
  let status = 1006;
  let got = head;
  socket.on('data', (data) => {
    got = Buffer.concat([got, data]);
    const close = got.indexOf(Buffer.from([0x88, 2]));
    if (close !== -1 && got.length >= close + 4) status = got.readUInt16BE(close + 2);
  });
  socket.on('error', (error) => said('error', { text: error.message, code: error.code ?? null }));
  socket.on('close', () => said('close', { status }));
  const text = Buffer.from('{"type":"subscribe"}');
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
});
