'use strict';
// Protocols on top of WebSocket, server and client in one process. Prints what is said, one JSON object a line.
// Arguments: PORT and graphql, stomp, mqtt or signalr.
const { WebSocket, WebSocketServer } = require('ws');

const port = Number(process.argv[2]);
const url = `ws://127.0.0.1:${port}/${process.argv[3]}`;
const said = (side, event, more) => console.log(JSON.stringify({ side, event, ...more }));
const leave = () => setTimeout(() => process.exit(0), 500);

function serve(options) {
  const server = new WebSocketServer({ host: '127.0.0.1', port, ...options });
  server.on('connection', (socket) => {
    socket.on('close', (code) => said('server', 'close', { status: code }));
  });
  return server;
}

// graphql-ws on both sides: a query, and a subscription of two values.
function graphql() {
  const { buildSchema } = require('graphql');
  const { useServer } = require('graphql-ws/use/ws');
  const { createClient } = require('graphql-ws');
  const schema = buildSchema('type Query { hello: String } type Subscription { price: Int }');
  const roots = {
    query: { hello: () => 'world' },
    subscription: { async *price() { yield { price: 41 }; yield { price: 42 }; } },
  };
  useServer({ schema, roots }, serve());
  const client = createClient({ url, webSocketImpl: WebSocket });
  const ask = (query, done) => client.subscribe({ query }, {
    next: (value) => said('client', 'next', { text: JSON.stringify(value) }), error: console.error, complete: done,
  });
  ask('query { hello }', () => ask('subscription Prices { price }', () => { client.dispose(); leave(); }));
}

// stompjs against a few lines that answer CONNECT, SUBSCRIBE and SEND.
function stomp() {
  const { Client } = require('@stomp/stompjs');
  serve({ handleProtocols: () => 'v12.stomp' }).on('connection', (socket) => {
    let subscription = '';
    socket.on('message', (data) => {
      const text = String(data);
      const body = text.slice(text.indexOf('\n\n') + 2, -1);
      if (text.startsWith('CONNECT')) socket.send('CONNECTED\nversion:1.2\nheart-beat:0,200\n\n\0');
      if (text.startsWith('SUBSCRIBE')) subscription = /\nid:(.*)/.exec(text)[1];
      if (text.startsWith('SEND')) {
        socket.send(`MESSAGE\nsubscription:${subscription}\nmessage-id:7\ndestination:/topic/price\n\n${body}\0`);
      }
      if (text.startsWith('DISCONNECT')) socket.send(`RECEIPT\nreceipt-id:${/\nreceipt:(.*)/.exec(text)[1]}\n\n\0`);
    });
  });
  const client = new Client({
    webSocketFactory: () => new WebSocket(url, ['v12.stomp']), heartbeatOutgoing: 200, heartbeatIncoming: 0,
    connectHeaders: { login: 'reader', passcode: 'sesame' }, reconnectDelay: 0,
  });
  client.onConnect = () => {
    client.subscribe('/topic/price', (message) => {
      said('client', 'message', { text: message.body });
      setTimeout(() => client.deactivate().then(leave), 300);
    });
    client.publish({ destination: '/topic/price', body: '{"bid":41}' });
  };
  client.activate();
}

// mqtt.js against aedes, version 3.1.1.
function mqtt() {
  const mqttjs = require('mqtt');
  const { Aedes } = require('aedes');
  Aedes.createBroker().then((broker) => {
    serve({ handleProtocols: () => 'mqtt' }).on('connection', (socket) => {
      const stream = WebSocket.createWebSocketStream(socket);
      stream.on('error', () => {});
      broker.handle(stream);
    });
    const client = mqttjs.connect(url, { clientId: 'alice', username: 'reader', password: 'sesame', reconnectPeriod: 0 });
    client.on('connect', () => client.subscribe('price/#', { qos: 1 }, () => {
      client.publish('price/eur', '{"bid":41}', { qos: 1, retain: true });
    }));
    client.on('message', (topic, payload) => {
      said('client', 'message', { text: `${topic} ${payload}` });
      setTimeout(() => client.end(false, {}, leave), 200);
    });
  });
}

// @microsoft/signalr without negotiation against a few lines that answer the handshake and one invocation.
function signalr() {
  const { HubConnectionBuilder, HttpTransportType, LogLevel } = require('@microsoft/signalr');
  serve().on('connection', (socket) => {
    socket.on('message', (data) => {
      for (const record of String(data).split('\x1e').filter(Boolean).map((text) => JSON.parse(text))) {
        if (record.protocol) socket.send('{}\x1e');
        if (record.type === 1) {
          socket.send(`{"type":1,"target":"price","arguments":[{"bid":41}]}\x1e{"type":3,"invocationId":"${record.invocationId}","result":"ok"}\x1e`);
        }
      }
    });
  });
  global.WebSocket = WebSocket;
  const hub = new HubConnectionBuilder().withUrl(url.replace('ws:', 'http:'), { skipNegotiation: true, transport: HttpTransportType.WebSockets, WebSocket })
    .configureLogging(LogLevel.None).build();
  hub.keepAliveIntervalInMilliseconds = 200;
  hub.on('price', (price) => said('client', 'price', { text: JSON.stringify(price) }));
  hub.start().then(() => hub.invoke('Subscribe', 'EURUSD')).then((result) => {
    said('client', 'result', { text: result });
    setTimeout(() => hub.stop().then(leave), 300);
  });
}

({ graphql, stomp, mqtt, signalr })[process.argv[3]]();
