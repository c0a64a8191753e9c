// Who is typing: told to the others now and then, and shown until it is old or the message comes.

import { phrase } from "./elements.js";
import { gettext } from "./words.js";

const SAY_EVERY = 3_000;
const OLD = 6_000;

export class Typing {
  constructor(connection, text, line) {
    Object.assign(this, { line, people: new Map(), saidAt: -SAY_EVERY });
    text.addEventListener("input", () => {
      const now = performance.now();
      if (!text.value.trim() || now < this.saidAt + SAY_EVERY) return;
      if (connection.send({ typing: true })) this.saidAt = now;
    });
    connection.addEventListener("frame", ({ detail }) => this.#frame(detail));
  }

  #frame({ type, name, from, mine }) {
    if (type === "typing") {
      clearTimeout(this.people.get(name));
      this.people.set(name, setTimeout(() => this.#stopped(name), OLD));
      this.#draw();
    } else if (type === "message") {
      if (mine) this.saidAt = -SAY_EVERY; // the next word is news again
      if (this.people.has(from)) this.#stopped(from);
    }
  }

  #stopped(name) {
    clearTimeout(this.people.get(name));
    this.people.delete(name);
    this.#draw();
  }

  #draw() {
    const names = [...this.people.keys()];
    let text = "";
    if (names.length > 2) text = gettext("Several people are typing…");
    else if (names.length === 2) text = gettext("%(one)s and %(other)s are typing…");
    else if (names.length === 1) text = gettext("%(one)s is typing…");
    this.line.replaceChildren(...phrase(text, { one: names[0], other: names[1] }));
  }
}
