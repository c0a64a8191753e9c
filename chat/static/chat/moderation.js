// What staff can do: a button on each message and person, and one dialog for all of it.

import { button, make } from "./elements.js";

const ABOUT_PEOPLE = new Set(["mute", "unmute", "expel", "readmit"]);

export class Moderation {
  constructor(connection, log, roster, { dialog, lock }) {
    Object.assign(this, { connection, dialog, lock, staff: false, about: {}, ref: null });
    this.form = dialog.querySelector("form");
    this.error = dialog.querySelector(".error");
    connection.addEventListener("frame", ({ detail }) => this.#frame(detail));
    roster.addEventListener("person", ({ detail }) => this.#person(detail));
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) this.#messages(node);
    }).observe(log, { childList: true, subtree: true });
    this.log = log;
    this.roster = roster;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault(); // closed by the answer
      this.#send();
    });
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    this.form.elements.act.addEventListener("change", () => this.#fit());
    lock.addEventListener("click", () => this.#do({ act: this.locked ? "unlock" : "lock" }));
  }

  #frame(frame) {
    if (frame.type === "welcome") {
      this.staff = frame.staff;
      this.me = frame.person;
      if (this.staff) this.#messages(this.log);
    }
    if (frame.type === "welcome" || frame.type === "rules") {
      this.locked = frame.locked;
      this.lock.hidden = !this.staff;
      this.lock.textContent = frame.locked ? "Unlock the room" : "Lock the room";
    }
    if (frame.ref === null || frame.ref !== this.ref) return;
    if (frame.type === "done") this.dialog.close();
    else if (frame.type === "error") this.error.textContent = frame.message;
  }

  #person({ row, id, name }) {
    if (!this.staff || id === this.me) return;
    row.append(this.#opener(`Moderate ${name}`, () => this.#open({ person: id }, name)));
  }

  #messages(node) {
    if (!this.staff || node.nodeType !== Node.ELEMENT_NODE) return;
    const bubbles = node.matches(".bubble") ? [node] : node.querySelectorAll(".bubble");
    for (const bubble of bubbles) {
      const number = Number(bubble.dataset.number);
      if (!number || bubble.querySelector(".moderate")) continue;
      const who = bubble.querySelector(".visually-hidden")?.textContent ?? "";
      bubble.append(this.#opener(`Moderate message ${number}`, () => this.#open({ number }, who.replace(/: $/, ""))));
    }
  }

  #opener(label, onClick) {
    const element = button("⋯", onClick);
    element.className = "moderate";
    element.setAttribute("aria-label", label);
    element.title = "Moderate";
    return element;
  }

  #open(about, name) {
    this.about = about;
    this.error.textContent = "";
    this.form.reset();
    this.dialog.querySelector("h2").replaceChildren(about.number ? "A message of " : "", make("bdi", { text: name }));
    const { act } = this.form.elements;
    for (const option of act.options) option.hidden = option.disabled = option.value === "erase" && !about.number;
    act.value = about.number ? "erase" : "mute";
    this.#fit();
    this.dialog.showModal();
  }

  // How long is asked only where there is an end to it.
  #fit() {
    const { act, minutes } = this.form.elements;
    minutes.closest("label").hidden = !["mute", "expel"].includes(act.value);
  }

  #send() {
    const { act, minutes, why } = this.form.elements;
    const wish = { act: act.value, why: why.value, ...this.about };
    if (ABOUT_PEOPLE.has(act.value) && Number(minutes.value)) wish.minutes = Number(minutes.value);
    this.#do(wish);
  }

  #do(wish) {
    this.ref = `act-${Date.now()}`;
    this.error.textContent = "";
    if (!this.connection.send({ ...wish, ref: this.ref })) {
      this.error.textContent = "There is no connection right now; please try again in a moment.";
    }
  }
}
