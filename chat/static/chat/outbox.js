// What was typed and is not known to be stored. An item leaves when the room has it under its ref,
// or when its author discards it; nothing else loses it. States: waiting, sending, failed.

import { load, save } from "./storage.js";

const ECHO_PATIENCE = 10_000;
const AGAIN = 2_000;
const TRANSIENT = new Set(["flood", "unavailable"]);

function newRef() {
  // Not randomUUID: that one is missing where a page comes over plain http.
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

export class Outbox extends EventTarget {
  constructor(room, connection) {
    super();
    this.key = `outbox:${room}`;
    this.connection = connection;
    this.items = load(this.key, []);
    this.tokens = this.burst = 10;
    this.perSecond = 4;
    this.filledAt = performance.now();
    this.mine = new Set(this.items.map((item) => item.ref));
    for (const item of this.items) if (item.state === "sending") item.state = "waiting";
    connection.addEventListener("state", ({ detail }) => this.#connectionIs(detail));
    connection.addEventListener("frame", ({ detail }) => this.#frame(detail));
  }

  add(text) {
    const item = { ref: newRef(), text, state: "waiting", at: new Date().toISOString() };
    this.mine.add(item.ref);
    this.items.push(item);
    this.#pump();
  }

  // Tell whether this page wrote what came back under `ref`; true once.
  claim(ref) {
    return this.mine.delete(ref);
  }

  retry(ref) {
    const item = this.#find(ref);
    if (item) item.state = "waiting";
    this.#pump();
  }

  discard(ref) {
    this.items = this.items.filter((item) => item.ref !== ref);
    this.#changed();
  }

  #find(ref) {
    return this.items.find((item) => item.ref === ref);
  }

  #connectionIs(state) {
    if (state.name !== "open") {
      // Whether it arrived is unknown; under the same ref it is stored once.
      for (const item of this.items) if (item.state === "sending") item.state = "waiting";
      this.#changed();
    }
  }

  #frame(frame) {
    if (frame.type === "welcome") {
      // A little below what the server allows: its clock is not ours.
      this.burst = Math.max(1, Math.floor(frame.limits.burst / 2));
      this.perSecond = frame.limits.per_second * 0.8;
      this.tokens = this.burst;
    } else if (frame.type === "history") {
      for (const event of frame.events) if (this.#find(event.ref)) this.discard(event.ref);
      this.#pump(); // what did not arrive before
    } else if (frame.type === "message" && this.#find(frame.ref)) {
      this.discard(frame.ref);
    } else if (frame.type === "error" && this.#find(frame.ref)) {
      this.#refused(this.#find(frame.ref), frame);
    }
  }

  #refused(item, { code, message }) {
    item.state = TRANSIENT.has(code) ? "waiting" : "failed";
    item.reason = message;
    if (item.state === "waiting") this.#pumpIn(AGAIN);
    this.#changed();
  }

  #pump() {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const item of this.items) {
      if (item.state !== "waiting" || !this.connection.open) continue;
      if (!this.#token()) {
        this.#pumpIn(1000 / this.perSecond);
        break;
      }
      if (!this.connection.send({ message: item.text, ref: item.ref })) break;
      item.state = "sending";
      item.reason = "";
      const socket = this.connection.socket;
      setTimeout(() => this.#overdue(item, socket), ECHO_PATIENCE);
    }
    this.#changed();
  }

  #pumpIn(milliseconds) {
    this.timer ??= setTimeout(() => this.#pump(), milliseconds);
  }

  #token() {
    const now = performance.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  #overdue(item, socket) {
    if (item.state === "sending" && this.items.includes(item) && socket === this.connection.socket) {
      this.connection.drop();
    }
  }

  #changed() {
    save(this.key, this.items);
    this.dispatchEvent(new Event("change"));
  }
}
