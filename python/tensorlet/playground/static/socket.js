// The socket: commands with answers, and binary frames that the page pulls at its own pace.

const TYPES = { u8: Uint8Array, f32: Float32Array };

/** Splits a binary message into its header and a map from name to {shape, data}. */
export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = new Map();
  for (const [name, type, shape, place] of header.arrays) {
    const count = shape.reduce((product, size) => product * size, 1);
    arrays.set(name, { shape, data: new TYPES[type](buffer, 4 + length + place, count) });
  }
  return { header, arrays };
}

export class Connection {
  constructor({ onframe, onguess, onclose }) {
    this.session = "";
    this.bytes = 0;
    this.waiting = new Map();
    this.last = 0;
    this.onguess = onguess;
    this.socket = new WebSocket(`ws://${location.host}/socket`);
    this.socket.binaryType = "arraybuffer";
    this.opened = new Promise((resolve, reject) => {
      this.resolveOpened = resolve;
      this.socket.addEventListener("close", (event) => {
        reject(new Error("closed"));
        onclose(event, this.session !== "");
      });
    });
    this.opened.catch(() => {});
    this.socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.answer(JSON.parse(data));
      else {
        this.bytes += data.byteLength;
        const message = decode(data);
        if (message.header.guess) this.onguess(message);
        else onframe(message);
      }
    });
  }

  answer(message) {
    if (message.session) {
      this.session = message.session;
      this.resolveOpened();
      return;
    }
    const { resolve, reject } = this.waiting.get(message.id) ?? {};
    this.waiting.delete(message.id);
    if (message.error) reject?.(message.error);
    else resolve?.(message.reply);
  }

  /** Sends a command; resolves with its answer, or rejects with {code, values, text}. */
  ask(command, given = {}) {
    this.last += 1;
    const id = this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, do: command, with: given }));
    });
  }

  /** Asks for one frame. */
  pull(request) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ do: "frame", with: request }));
  }
}
