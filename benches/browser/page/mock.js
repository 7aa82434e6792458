// A WebSocket without a network: the page itself is the server, so that only the client's own code is measured.
//
// What arrives together is dispatched in one task, and between two events the microtasks run (here: `await`), as they do
// whenever the browser has called a listener. Events are plain objects and payloads are used again and again: a real event
// takes longer to make than any client takes to read it.

/** Puts the mocks in the place of the browser's classes. */
export function install() {
  globalThis.WebSocket = MockWebSocket;
  globalThis.WebSocketStream = MockWebSocketStream;
}

const MOST_MESSAGES = 256;
const MOST_BYTES = 1 << 20;

/** The other end: what the load server of the native benchmark does for the same paths. */
class Server {
  constructor(url, deliver) {
    const { pathname, searchParams } = new URL(url);
    this.mode = pathname;
    this.size = Number(searchParams.get("size"));
    this.deliver = deliver;
    this.text = searchParams.has("text") ? "x".repeat(this.size) : null;
    this.burst = Math.max(1, Math.min(MOST_MESSAGES, Math.floor(MOST_BYTES / this.size)));
    this.payloads = Array.from({ length: this.burst }, () => this.text ?? new ArrayBuffer(this.size));
  }

  take(data) {
    switch (this.mode) {
      case "/echo":
        this.answer(data);
        break;
      case "/sink":
        if ((data.byteLength ?? data.size) === 1) {
          this.answer(data);
        }
        break;
      case "/source":
        this.send(data);
        break;
    }
  }

  async answer(data) {
    const answer = typeof data === "string" ? data : await bufferOf(data);
    // What a client sends is not answered before its task has gone on.
    await undefined;
    this.deliver(answer);
  }

  async send(request) {
    let count = Number(new DataView(await bufferOf(request)).getBigUint64(0));
    while (count > 0) {
      await task();
      for (let sent = 0; sent < this.burst && count > 0; sent++, count--) {
        this.deliver(this.payloads[sent]);
        await undefined;
      }
    }
  }
}

/** A copy of what was sent; of a view, of its bytes alone. */
function bufferOf(data) {
  if (data instanceof Blob) {
    return data.arrayBuffer();
  }
  const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
  return view.slice().buffer;
}

const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();

/** Resolves in a task of its own. */
function task() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}

class MockWebSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;

  /** By the name of the event: at first the one of the attribute, then those that were added. */
  #listeners = { open: [null], message: [null], error: [null], close: [null] };

  constructor(url) {
    this.url = url;
    this.protocol = "";
    this.extensions = "";
    this.binaryType = "blob";
    this.bufferedAmount = 0;
    this.readyState = MockWebSocket.CONNECTING;
    this.server = new Server(url, (data) => this.#dispatch({ type: "message", data }));
    task().then(() => {
      this.readyState = MockWebSocket.OPEN;
      this.#dispatch({ type: "open" });
    });
  }

  send(data) {
    this.server.take(data);
  }

  close(code = 1005, reason = "") {
    if (this.readyState >= MockWebSocket.CLOSING) {
      return;
    }
    this.readyState = MockWebSocket.CLOSING;
    task().then(() => {
      this.readyState = MockWebSocket.CLOSED;
      this.#dispatch({ type: "close", code, reason, wasClean: true });
    });
  }

  addEventListener(type, listener) {
    this.#listeners[type].push(listener);
  }

  removeEventListener(type, listener) {
    const [attribute, ...added] = this.#listeners[type];
    this.#listeners[type] = [attribute, ...added.filter((other) => other !== listener)];
  }

  set onopen(listener) {
    this.#listeners.open[0] = listener;
  }

  set onmessage(listener) {
    this.#listeners.message[0] = listener;
  }

  set onerror(listener) {
    this.#listeners.error[0] = listener;
  }

  set onclose(listener) {
    this.#listeners.close[0] = listener;
  }

  #dispatch(event) {
    for (const listener of this.#listeners[event.type]) {
      listener?.(event);
    }
  }
}

class MockWebSocketStream {
  constructor(url) {
    this.url = url;
    const readable = new ReadableStream({
      start: (controller) => {
        this.server = new Server(url, (data) => {
          controller.enqueue(typeof data === "string" ? data : new Uint8Array(data));
        });
      },
    });
    const writable = new WritableStream({ write: (chunk) => this.server.take(chunk) });
    this.opened = task().then(() => ({ readable, writable, protocol: "", extensions: "" }));
    this.closed = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  close(info) {
    this.end({ closeCode: info?.closeCode ?? 1005, reason: info?.reason ?? "" });
  }
}
