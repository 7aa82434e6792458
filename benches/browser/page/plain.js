// The client in plain JavaScript: everything happens in the listener, nothing is queued.

const WINDOW = 256;

export class PlainClient {
  static async connect(url, kind, size, text) {
    const client = new PlainClient(url, kind, size, text);
    await new Promise((resolve, reject) => {
      client.socket.onopen = resolve;
      client.socket.onclose = () => reject(new Error("the connection has ended"));
    });
    return client;
  }

  constructor(url, kind, size, text) {
    this.kind = kind;
    this.size = size;
    this.payload = text ? "x".repeat(size) : new Uint8Array(size).fill(7);
    this.socket = new WebSocket(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (event) => this.onMessage(event.data);
  }

  batch(count) {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.left = count;
      this.unsent = 0;
      this.begin(count);
    });
  }

  begin(count) {
    switch (this.kind) {
      case "receive": {
        this.expected = this.size;
        const request = new DataView(new ArrayBuffer(8));
        request.setBigUint64(0, BigInt(count));
        this.socket.send(request.buffer);
        break;
      }
      case "send":
        for (let sent = 0; sent < count; sent++) {
          this.socket.send(this.payload);
        }
        // The answer to a message of one byte says that all has arrived.
        this.socket.send(new Uint8Array(1));
        this.expected = 1;
        this.left = 1;
        break;
      default: {
        const window = Math.min(count, this.kind === "echo" ? WINDOW : 1);
        this.expected = this.size;
        this.unsent = count - window;
        for (let sent = 0; sent < window; sent++) {
          this.socket.send(this.payload);
        }
      }
    }
  }

  onMessage(data) {
    const length = typeof data === "string" ? data.length : data.byteLength;
    if (length !== this.expected) {
      this.reject(new Error(`${length} bytes came instead of ${this.expected}`));
    }
    if (this.unsent > 0) {
      this.unsent--;
      this.socket.send(this.payload);
    }
    if (--this.left === 0) {
      this.resolve();
    }
  }
}
