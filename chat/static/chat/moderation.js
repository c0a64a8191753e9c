// What staff can do: a button on each message and person, and one dialog for all of it.

import { button, phrase } from "./elements.js";
import { filled, gettext, isolated } from "./words.js";

const WITH_AN_END = new Set(["mute", "expel"]);

export class Moderation {
  constructor(connection, actions, roster, { dialog, lock, bar, warn }) {
    Object.assign(this, { connection, dialog, lock, bar, warn, staff: false, about: {}, ref: null });
    this.form = dialog.querySelector("form");
    this.error = dialog.querySelector(".error");
    connection.addEventListener("frame", ({ detail }) => this.#frame(detail));
    roster.addEventListener("person", ({ detail }) => this.#person(detail));
    this.#offer(actions);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault(); // closed by the answer
      this.#send();
    });
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    this.form.elements.act.addEventListener("change", () => this.#fit());
    lock.addEventListener("click", () => this.#do({ act: this.locked ? "unlock" : "lock" }));
    bar.addEventListener("click", () => this.#do({ act: this.barred ? "unbar" : "bar" }));
  }

  #frame(frame) {
    if (frame.type === "welcome") {
      this.staff = frame.staff;
      this.me = frame.person;
    }
    if (frame.type === "welcome" || frame.type === "rules") {
      this.locked = frame.locked;
      this.barred = frame.barred;
      this.lock.hidden = this.bar.hidden = !this.staff;
      this.bar.textContent = frame.barred ? gettext("Let guests write") : gettext("Bar guests from writing");
      this.lock.textContent = frame.locked ? gettext("Unlock the room") : gettext("Lock the room");
    }
    if (frame.ref === null || frame.ref !== this.ref) return;
    if (frame.type === "done") this.dialog.close();
    else if (frame.type === "error") this.#fail(frame.message);
  }

  #person({ row, id, name }) {
    if (!this.staff || id === this.me) return;
    row.append(this.#opener(name, () => this.#open({ person: id }, name)));
  }

  #offer(actions) {
    const act = (bubble) => {
      const who = bubble.querySelector(".visually-hidden").textContent.replace(/: $/, "");
      this.#open({ number: Number(bubble.dataset.number) }, who);
    };
    const wanted = (bubble) => this.staff && bubble.dataset.number;
    actions.add({ name: "moderate", label: gettext("Moderate"), text: "⋯", wanted, act });
  }

  #opener(name, onClick) {
    const element = button("⋯", onClick);
    element.className = "moderate";
    element.setAttribute("aria-label", filled(gettext("Moderate %(name)s"), { name: isolated(name) }));
    element.title = gettext("Moderate");
    return element;
  }

  #open(about, name) {
    const isolated = `\u2068${name}\u2069`; // whatever direction it is written in
    this.about = about;
    this.error.textContent = "";
    this.form.reset();
    const title = about.number ? gettext("A message of %(name)s") : "%(name)s";
    this.dialog.querySelector("h2").replaceChildren(...phrase(title, { name }));
    const { act } = this.form.elements;
    for (const option of act.options) option.hidden = option.disabled = option.value === "erase" && !about.number;
    act.value = about.number ? "erase" : "mute";
    this.#fit();
    this.dialog.showModal();
  }

  // How long is asked only where there is an end to it.
  #fit() {
    const { act, minutes } = this.form.elements;
    minutes.closest("label").hidden = !WITH_AN_END.has(act.value);
    this.form.querySelector("[data-expel]").hidden = act.value !== "expel";
  }

  #send() {
    const { act, minutes, why } = this.form.elements;
    const wish = { act: act.value, why: why.value, ...this.about };
    if (WITH_AN_END.has(act.value) && Number(minutes.value)) wish.minutes = Number(minutes.value);
    this.#do(wish);
  }

  #do(wish) {
    this.ref = `act-${Date.now()}`;
    this.error.textContent = "";
    if (!this.connection.send({ ...wish, ref: this.ref })) {
      this.#fail(gettext("There is no connection right now; please try again in a moment."));
    }
  }

  // Nobody sees what is in a dialog that is closed.
  #fail(text) {
    if (this.dialog.open) this.error.textContent = text;
    else this.warn(text);
  }
}
