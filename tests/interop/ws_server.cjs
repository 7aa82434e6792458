// A server of the interop tests, by `ws`: the path chooses what it does, the argument how it compresses.
//
// Prints "port N", then "closed CODE REASON" for each connection that ends, with what the client's Close said. Ends when
// its standard input does.
"use strict";

const { WebSocketServer } = require("ws");

const EXTENSIONS = {
  plain: false,
  deflate: { threshold: 0 },
  alone: {
    threshold: 0,
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: 10,
  },
};

const echo = (socket) => socket.on("message", (data, binary) => socket.send(data, { binary }));

// Echoes in frames of so many bytes, with an empty frame at the end: characters are cut.
const fragments = (socket, query) =>
  socket.on("message", (data, binary) => {
    const size = Number(query.get("size"));
    for (let at = 0; at < data.length; at += size) {
      socket.send(data.subarray(at, at + size), { binary, fin: false });
    }
    socket.send("", { binary, fin: true });
  });

// Tells the client once it has answered a ping between two fragments of a message.
const ping = (socket, query) => {
  socket.send("sent before and ", { fin: false });
  socket.ping(query.get("payload"));
  socket.send("while the ping was out", { fin: false });
  socket.on("pong", (payload) => {
    if (payload.toString() === query.get("payload")) {
      socket.send(", then answered", { fin: true });
    }
  });
};

// Sends a message and closes, without a code if none is given.
const close = (socket, query) => {
  socket.send("last words");
  if (query.has("code")) {
    socket.close(Number(query.get("code")), query.get("reason"));
  } else {
    socket.close();
  }
};

const notUtf8 = (socket) => socket.send(Buffer.from([0xc3, 0x28]), { binary: false });

const ROUTES = { "/echo": echo, "/fragments": fragments, "/ping": ping, "/close": close, "/not-utf8": notUtf8 };

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  perMessageDeflate: EXTENSIONS[process.argv[2]],
  handleProtocols: (offered) => offered.has("chat") && "chat",
});

server.on("listening", () => console.log(`port ${server.address().port}`));
server.on("connection", (socket, request) => {
  const url = new URL(request.url, "ws://localhost");
  socket.on("error", () => {}); // the record says how it ended
  socket.on("close", (code, reason) => {
    console.log(code === 1006 ? "closed without a Close" : `closed ${code} ${reason}`);
  });
  ROUTES[url.pathname](socket, url.searchParams);
});

process.stdin.resume();
process.stdin.on("end", () => process.exit());
