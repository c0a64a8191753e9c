// Where a message is written. What is typed is kept until it is sent.

import { load, save } from "./storage.js";
import { filled, gettext } from "./words.js";

const MOST_ROWS = 8;

export class Composer extends EventTarget {
  constructor({ form, text, send, counter }, room, max) {
    super();
    Object.assign(this, { text, sendButton: send, counter, max, key: `draft:${room}` });
    text.value = load(this.key, "");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    text.addEventListener("input", () => this.#changed());
    text.addEventListener("keydown", (event) => {
      // While an input method composes, Enter picks a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#changed();
  }

  #length() {
    return Array.from(this.text.value).length; // as the server counts, not in UTF-16 units
  }

  #submit() {
    const text = this.text.value.trim();
    if (!text || this.#length() > this.max) return;
    this.text.value = "";
    this.#changed();
    this.dispatchEvent(new CustomEvent("message", { detail: text }));
    this.text.focus();
  }

  #changed() {
    save(this.key, this.text.value);
    const length = this.#length();
    const over = length > this.max;
    this.sendButton.disabled = over || !this.text.value.trim();
    this.counter.textContent = length > this.max * 0.9 ? filled(gettext("%(length)s of %(most)s characters"), { length, most: this.max }) : "";
    this.counter.classList.toggle("over", over);
    this.text.rows = Math.min(MOST_ROWS, this.text.value.split("\n").length);
    while (this.text.rows < MOST_ROWS && this.text.scrollHeight > this.text.clientHeight + 2) {
      this.text.rows += 1; // long lines wrap
    }
  }
}
