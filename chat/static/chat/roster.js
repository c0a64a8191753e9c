// Who is in the room: the list, its number, and the panel that both are in.

import { make } from "./elements.js";
import { avatar } from "./people.js";
import { load, save } from "./storage.js";
import { filled, gettext, ngettext } from "./words.js";

const WIDE = "(min-width: 64rem)"; // where the list stands beside the conversation

export class Roster extends EventTarget {
  constructor(connection, { panel, list, button, number, rest }) {
    super();
    Object.assign(this, { panel, list, button, number, rest, me: "", rows: new Map(), wide: matchMedia(WIDE) });
    connection.addEventListener("frame", ({ detail }) => {
      if (detail.type === "welcome") {
        this.me = detail.person;
        connection.send({ people: true });
      } else if (detail.type === "people") this.#follow(detail);
    });
    button.addEventListener("click", () => this.#choose(panel.hidden));
    panel.addEventListener("keydown", ({ key }) => key === "Escape" && !this.#beside && this.#shut());
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.#beside && !panel.contains(target) && !button.contains(target)) this.#open(false);
    });
    this.wide.addEventListener("change", () => this.#fit());
    this.#fit();
  }

  get #beside() {
    return this.wide.matches;
  }

  // Beside the conversation it is there until somebody closes it; over it, once somebody asks.
  #fit() {
    this.#open(this.#beside && load("people", true, { lasting: true }));
  }

  #choose(open) {
    this.#open(open);
    if (this.#beside) save("people", open, { lasting: true });
    else if (open) this.panel.focus();
  }

  #shut() {
    this.#open(false);
    this.button.focus();
  }

  #open(open) {
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
  }

  #follow({ count, people, joined = [], left = [] }) {
    if (people) {
      this.list.replaceChildren();
      this.rows.clear();
    }
    for (const person of people ?? joined) this.#put(person);
    for (const id of left) {
      this.rows.get(id)?.remove();
      this.rows.delete(id);
    }
    this.number.textContent = count;
    this.button.title = filled(ngettext("%(number)s person", "%(number)s people", count), { number: count });
    const more = count - this.rows.size;
    this.rest.textContent = more > 0 ? filled(gettext("and %(number)s more"), { number: more }) : "";
  }

  #put({ id, name, guest }) {
    const row = make("li", { "data-person": id }, avatar(name), make("bdi", { text: name }));
    if (!guest) row.append(make("span", { text: "✓", className: "verified", role: "img", "aria-label": gettext("account") }));
    if (id === this.me) row.append(make("span", { text: gettext("you"), className: "muted" }));
    const before = this.rows.get(id);
    this.rows.set(id, row);
    if (before) before.replaceWith(row);
    else if (id === this.me) this.list.prepend(row);
    else this.list.append(row);
    this.dispatchEvent(new CustomEvent("person", { detail: { row, id, name } }));
  }
}
