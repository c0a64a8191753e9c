// The conversation as it is drawn. One turn holds what a person said in a row.

import { make } from "./elements.js";
import { avatar, hue } from "./people.js";
import * as times from "./times.js";

const SAME_TURN = 5 * 60_000;
const LONGEST = 2_000; // messages; what is older makes room

export class Log {
  constructor(list, alert) {
    this.list = list;
    this.alert = alert;
    this.seen = new Set();
    this.last = null;
    this.lastDay = "";
  }

  // Draw a person's message; false where it was drawn before (a resend has the same id).
  message(frame, own) {
    if (this.seen.has(frame.id)) return false;
    this.#remember(frame.id);
    const moment = times.read(frame.at);
    this.#day(moment);
    const bubble = make("div", { className: "bubble", "data-id": frame.id });
    bubble.append(make("span", { text: `${frame.from}: `, className: "visually-hidden" }), frame.message);
    if (this.#continues(frame, own, moment)) {
      bubble.title = times.exact(moment);
      this.last.said.append(bubble);
    } else {
      this.#turn(frame, own, moment, bubble);
    }
    this.last.moment = moment;
    this.#makeRoom();
    return true;
  }

  // Draw what the system says; a critical word interrupts a screen reader.
  system(frame) {
    if (this.seen.has(frame.id)) return false;
    this.#remember(frame.id);
    const moment = times.read(frame.at);
    this.#day(moment);
    const critical = frame.level === "critical";
    const title = { info: "System", warning: "System warning", critical: "Important" }[frame.level];
    const head = make("div", { className: "turn-head" }, make("b", { text: title ?? "System" }));
    if (frame.from) head.append(make("span", { text: frame.from }));
    head.append(times.time(moment));
    const line = make("article", { className: `notice-line ${frame.level}`, "data-id": frame.id }, head);
    line.append(make("p", { text: frame.message }));
    if (critical) {
      line.setAttribute("aria-live", "off"); // said once, by the alert
      this.alert.textContent = `${title}: ${frame.message}`;
    }
    this.#append(line);
    this.last = null;
    return true;
  }

  #turn(frame, own, moment, bubble) {
    const head = make("header", { className: "turn-head" });
    const said = make("div", { className: "said" }, bubble);
    const turn = make("article", { className: own ? "turn own" : "turn" });
    if (!own) {
      turn.append(avatar(frame.from));
      head.append(make("span", { text: frame.from, className: `by ${hue(frame.from)}` }));
      if (frame.guest === false) {
        head.append(make("span", { text: "✓", className: "verified", role: "img", "aria-label": "account", title: "Signed in with an account" }));
      }
    }
    head.append(times.time(moment));
    turn.append(head, said);
    this.#append(turn);
    this.last = { said, from: frame.from, guest: frame.guest, own, moment };
  }

  #continues(frame, own, moment) {
    const last = this.last;
    return (
      last !== null &&
      last.from === frame.from &&
      last.guest === frame.guest &&
      last.own === own &&
      moment - last.moment < SAME_TURN
    );
  }

  #day(moment) {
    const day = moment.toDateString();
    if (day === this.lastDay) return;
    this.lastDay = day;
    this.last = null;
    this.#append(make("div", { text: times.day(moment), className: "day", role: "separator" }));
  }

  #append(element) {
    this.list.append(element);
    if (this.list.childElementCount > LONGEST) this.list.firstElementChild.remove();
  }

  #makeRoom() {
    const bubbles = this.list.getElementsByClassName("bubble");
    while (bubbles.length > LONGEST) {
      const said = bubbles[0].parentElement;
      bubbles[0].remove();
      if (said.childElementCount === 0) said.parentElement.remove();
    }
  }

  #remember(id) {
    this.seen.add(id);
    if (this.seen.size > 4 * LONGEST) this.seen.delete(this.seen.values().next().value);
  }
}
