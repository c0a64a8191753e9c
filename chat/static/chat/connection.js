// One WebSocket that keeps coming back. Events: "state" and "frame".

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const PATIENCE = 10_000; // for a handshake and the welcome after it
const SILENCE = 25_000; // after which the server is asked whether it is there
const PING_PATIENCE = 5_000;
const CALM_DOWN = new Map([[4008, 10_000], [4029, 30_000]]); // too much at once; too many from there

const FINAL = new Set([4403, 4404]); // removed by staff; no such room

export function address({ protocol, host }, path) {
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}${path}`;
}

export class Connection extends EventTarget {
  // `last` tells the newest number that the page has: what came after it is asked for.
  constructor(path, last) {
    super();
    this.url = address(location, path);
    this.last = last;
    this.state = { name: "connecting" };
    this.failures = 0;
    this.socket = null;
    this.reason = "";
    window.addEventListener("online", () => this.wake());
    window.addEventListener("offline", () => this.socket && this.drop());
    window.addEventListener("pageshow", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    window.addEventListener("pagehide", () => this.#letGo(1000));
  }

  get open() {
    return this.state.name === "open";
  }

  // Connect now, whatever was planned.
  connect() {
    this.#letGo();
    clearInterval(this.countdown);
    this.#change({ name: "connecting", again: this.failures > 0 });
    const socket = new WebSocket(`${this.url}?after=${this.last()}`, "chat.v2");
    this.socket = socket;
    this.#expect(PATIENCE);
    socket.addEventListener("message", (event) => socket === this.socket && this.#heard(event.data));
    socket.addEventListener("close", (event) => socket === this.socket && this.#lost(event.code));
  }

  // Say whether the frame was handed to the socket; only an answer says that it arrived.
  send(frame) {
    if (!this.open || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  // Something changed around us: come back at once, or make sure that we are still there.
  wake() {
    if (this.state.name === "waiting") this.connect();
    else if (this.open) this.#ping();
    else if (this.socket === null && this.state.name !== "closed") this.connect();
  }

  // Give up on a connection that does not answer, and make another one.
  drop() {
    this.#letGo();
    this.#lost(0);
  }

  #heard(text) {
    const frame = JSON.parse(text);
    if (frame.type === "batch") {
      for (const event of frame.events) this.#take(event);
    } else this.#take(frame);
  }

  #take(frame) {
    if (frame.type === "welcome") {
      this.failures = 0;
      this.reason = "";
      this.#change({ name: "open" });
    } else if (frame.type === "state" && this.open) {
      this.#change({ name: "open", away: frame.broker === "away", reason: frame.message });
    } else if (frame.type === "error" && (!this.open || frame.code === "removed")) {
      this.reason = frame.message;
    }
    if (this.open) {
      clearTimeout(this.deadline);
      clearTimeout(this.quiet);
      this.quiet = setTimeout(() => this.#ping(), SILENCE);
    }
    if (frame.type !== "pong") this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #ping() {
    if (this.send({ ping: true })) this.#expect(PING_PATIENCE);
    else this.drop();
  }

  #expect(patience) {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.drop(), patience);
  }

  #lost(code) {
    this.socket = null;
    clearTimeout(this.deadline);
    clearTimeout(this.quiet);
    if (FINAL.has(code)) {
      this.#change({ name: "closed", reason: this.reason });
      return;
    }
    // Half of it is chance, so that a whole room does not come back in the same moment.
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.#waitUntil(Date.now() + (CALM_DOWN.get(code) ?? wait));
  }

  #waitUntil(moment) {
    clearInterval(this.countdown);
    const tick = () => {
      const left = moment - Date.now();
      if (left <= 0) this.connect();
      else this.#change({ name: "waiting", seconds: Math.ceil(left / 1000), reason: this.reason });
    };
    this.countdown = setInterval(tick, 250);
    tick();
  }

  #letGo(code = 1000) {
    const socket = this.socket;
    this.socket = null; // its events are nobody's now
    clearTimeout(this.deadline);
    clearTimeout(this.quiet);
    if (socket) socket.close(code);
  }

  #change(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
