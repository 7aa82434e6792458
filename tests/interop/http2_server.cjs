// A server of the interop tests, by Node's http2; its WebSockets are those of `ws`, which echo.
//
// Prints "port N", then "stream ends" for each stream that ends, and "session ends" for each connection. Ends when its standard
// input does.
"use strict";

const http2 = require("http2");
const { WebSocket } = require("ws");

const server = http2.createServer({ settings: { enableConnectProtocol: true } });

server.on("session", (session) => session.on("close", () => console.log("session ends")));

server.on("stream", (stream, headers) => {
  stream.on("error", () => {}); // the record says that it ended
  stream.on("close", () => console.log("stream ends"));
  if (headers[":method"] !== "CONNECT" || headers[":protocol"] !== "websocket" || headers[":path"] !== "/echo") {
    stream.respond({ ":status": 404, "content-type": "text/plain" });
    stream.end("nothing here");
    return;
  }
  stream.respond({ ":status": 200, "sec-websocket-protocol": "chat" });
  // ws expects a socket of TCP.
  stream.setNoDelay = () => {};
  const socket = new WebSocket(null, undefined, { autoPong: true, closeTimeout: 10000 });
  socket.setSocket(stream, Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 0, skipUTF8Validation: false });
  socket.on("error", () => {});
  socket.on("message", (data, binary) => socket.send(data, { binary }));
});

server.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));

process.stdin.resume();
process.stdin.on("end", () => process.exit());
