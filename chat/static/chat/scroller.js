// Stays at the newest message while the reader is there, and says what came while not.

import { filled, ngettext } from "./words.js";

const NEAR = 80;

export class Scroller {
  constructor(element, pill) {
    this.element = element;
    this.pill = pill;
    this.unseen = 0;
    this.following = true;
    element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    pill.addEventListener("click", () => this.follow());
    // The keyboard of a phone, or a growing composer, takes room away.
    new ResizeObserver(() => this.#resized()).observe(element);
  }

  // Call after something was added; `news` is false for what the reader wrote.
  added({ news = true } = {}) {
    if (this.following) {
      this.#toEnd();
    } else if (news) {
      this.unseen += 1;
      this.#draw();
    }
  }

  // Call with what draws above the reader: what is read stays where it is.
  keep(draw) {
    const below = this.element.scrollHeight - this.element.scrollTop;
    draw();
    this.element.scrollTop = this.element.scrollHeight - below;
  }

  // Call with what changes the height of something; `anchor` stays where it is.
  still(anchor, draw) {
    const { top } = anchor.getBoundingClientRect();
    draw();
    this.element.scrollTop += anchor.getBoundingClientRect().top - top;
    this.#look();
  }

  follow() {
    this.following = true;
    this.#toEnd();
    this.#read();
  }

  #resized() {
    this.size = this.#size;
    if (this.following) this.#toEnd();
  }

  get #size() {
    return `${this.element.clientWidth} ${this.element.clientHeight}`;
  }

  // What a new size moved, the reader did not.
  #scrolled() {
    if (this.size === this.#size) this.#look();
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.following) this.#read();
  }

  #toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  #read() {
    this.unseen = 0;
    this.#draw();
  }

  #draw() {
    this.pill.hidden = this.unseen === 0;
    const text = ngettext("%(number)s new message ↓", "%(number)s new messages ↓", this.unseen);
    this.pill.textContent = filled(text, { number: this.unseen });
  }
}
