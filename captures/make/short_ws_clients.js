'use strict';
// Clients of ws, one after the other: three messages and their echoes, then Close. The first and the
// last message are shorter than what ws compresses. Prints what each was told, one JSON object a
// line. Arguments: PORT COUNT.
const WebSocket = require('ws');

const [port, count] = process.argv.slice(2).map(Number);

function talk(left) {
  if (!left) return;
  const client = new WebSocket(`ws://127.0.0.1:${port}/live`);
  const texts = ['short', JSON.stringify({ text: 'Grüße '.repeat(200) }), 'bye'];
  let echoes = 0;
  client.on('open', () => client.send(texts[0]));
  client.on('message', (data) => {
    echoes += String(data) === texts[echoes];
    if (echoes < 3) client.send(texts[echoes]);
    else client.close(1000);
  });
  client.on('close', (status) => {
    console.log(JSON.stringify({ side: 'client', event: 'close', status, echoes }));
    talk(left - 1);
  });
}
talk(count);
