// The conversation as it is drawn: in the order of the numbers, each once.

import { follow, remember } from "./copying.js";
import { make } from "./elements.js";
import { REMOVED, Turns } from "./turns.js";
import { filled, gettext } from "./words.js";

const LONGEST = 2_000; // messages; what is older makes room, and can be fetched again
const REMEMBERED = 1_000; // ids of what has no number

export class Log {
  constructor(list, alert, beginning) {
    Object.assign(this, { list, alert, beginning });
    follow(list);
    this.clear();
  }

  // Forget all, where what follows does not follow from it.
  clear() {
    this.list.replaceChildren();
    this.turns = new Turns(this.list);
    this.first = 0;
    this.last = 0;
    this.more = false;
    this.seen = new Set();
  }

  // Whether there are older ones; where there are none the room begins.
  get more() {
    return this.beginning.hidden;
  }

  set more(more) {
    this.beginning.hidden = more;
  }

  // Draw what is new of a frame; say whether it was.
  draw(frame, own) {
    if (frame.type === "system") return this.#system(frame);
    if (frame.number ? frame.number <= this.last : !this.#isNew(frame.id)) return false;
    this.turns.message(frame, own);
    if (frame.number) this.last = frame.number;
    if (frame.number) this.first ||= frame.number;
    this.#makeRoom();
    return true;
  }

  // Draw a page that was said before all that is here.
  older(events, own, more) {
    const part = document.createDocumentFragment();
    const turns = new Turns(part);
    for (const event of events) if (event.number < this.first) turns.message(event, own(event));
    const seam = this.list.firstElementChild;
    if (seam?.dataset.day && seam.dataset.day === turns.lastDay) seam.remove();
    this.quietly(() => this.list.prepend(part));
    this.first = events[0]?.number ?? this.first;
    this.more = more;
  }

  // Say what this window alone is told, and interrupt a screen reader with it.
  warn(text) {
    this.turns.system({ level: "warning", message: text, at: new Date().toISOString() });
    this.alert.textContent = text;
  }

  // Take back what was said, where it is drawn.
  erase({ number }) {
    const bubble = this.list.querySelector(`.bubble[data-number="${Number(number)}"]`);
    if (!bubble) return;
    remember(bubble, { text: REMOVED });
    bubble.classList.remove("emoji");
    bubble.classList.add("removed");
    const stays = bubble.querySelectorAll(".actions"); // who removed it is there
    bubble.replaceChildren(bubble.querySelector(".visually-hidden"), REMOVED, ...stays);
  }

  // Mark where what was not read yet begins; there is one such place.
  mark() {
    this.unmark();
    this.turns.separate(make("div", { text: gettext("New"), className: "unread", role: "separator" }));
  }

  unmark() {
    this.list.querySelector(".unread")?.remove();
  }

  // What was said before is not read out as if it were news.
  quietly(draw) {
    this.list.setAttribute("aria-live", "off");
    draw();
    clearTimeout(this.loud);
    this.loud = setTimeout(() => this.list.setAttribute("aria-live", "polite"), 500);
  }

  // A critical word interrupts a screen reader.
  #system(frame) {
    if (!this.#isNew(frame.id)) return false;
    this.turns.system(frame);
    if (frame.level === "critical") this.alert.textContent = filled(gettext("Important: %(message)s"), frame);
    return true;
  }

  #isNew(id) {
    if (this.seen.has(id)) return false;
    this.seen.add(id);
    if (this.seen.size > REMEMBERED) this.seen.delete(this.seen.values().next().value);
    return true;
  }

  #makeRoom() {
    const bubbles = this.list.getElementsByClassName("bubble");
    while (bubbles.length > LONGEST) {
      const said = bubbles[0].parentElement;
      bubbles[0].remove();
      if (said.childElementCount === 0) said.parentElement.remove();
      this.first = Number(bubbles[0].dataset.number) || this.first;
      this.more = true;
    }
  }
}
