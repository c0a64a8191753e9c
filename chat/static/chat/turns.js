// Draws messages one after the other. One turn holds what a person said in a row.

import { remember } from "./copying.js";
import { make } from "./elements.js";
import { fewEmoji } from "./emoji.js";
import { folded } from "./folding.js";
import { linked } from "./links.js";
import { avatar, hue } from "./people.js";
import * as times from "./times.js";
import { gettext } from "./words.js";

export const REMOVED = gettext("This message was removed.");

const SAME_TURN = 5 * 60_000;
const TITLES = {
  info: gettext("System"),
  warning: gettext("System warning"),
  critical: gettext("Important"),
};

export class Turns {
  constructor(list) {
    this.list = list;
    this.last = null;
    this.lastDay = "";
  }

  message(frame, own) {
    const moment = times.read(frame.at);
    this.#day(moment);
    const text = frame.removed ? REMOVED : frame.message;
    const bubble = make("div", { className: "bubble", "data-id": frame.id, tabindex: "-1" });
    remember(bubble, { name: frame.from, moment, text });
    if (frame.number) bubble.dataset.number = frame.number;
    bubble.classList.toggle("removed", frame.removed === true);
    bubble.classList.toggle("emoji", fewEmoji(text));
    bubble.append(make("span", { className: "visually-hidden" }, make("bdi", { text: frame.from }), ": "), ...folded(linked(text), text));
    if (this.#continues(frame, own, moment)) {
      bubble.title = times.exact(moment);
      this.last.said.append(bubble);
    } else {
      this.#turn(frame, own, moment, bubble);
    }
    this.last.moment = moment;
  }

  system(frame) {
    const moment = times.read(frame.at);
    this.#day(moment);
    const head = make("div", { className: "turn-head" }, make("b", { text: TITLES[frame.level] ?? TITLES.info }));
    if (frame.from) head.append(make("bdi", { text: frame.from }));
    head.append(times.time(moment));
    const line = make("article", { className: `notice-line ${frame.level}`, "data-id": frame.id }, head);
    remember(line, { name: frame.from ?? TITLES.info, moment, text: frame.message });
    line.append(make("p", {}, ...folded(linked(frame.message), frame.message)));
    if (frame.level === "critical") line.setAttribute("aria-live", "off"); // said once, by the alert
    this.separate(line);
  }

  // Whoever speaks next begins a turn.
  separate(element) {
    this.list.append(element);
    this.last = null;
  }

  #turn(frame, own, moment, bubble) {
    const head = make("header", { className: "turn-head" });
    const said = make("div", { className: "said" }, bubble);
    const turn = make("article", { className: own ? "turn own" : "turn" });
    if (!own) {
      turn.append(avatar(frame.from));
      head.append(make("bdi", { text: frame.from, className: `by ${hue(frame.from)}` }));
      if (frame.guest === false) {
        head.append(make("span", { text: "✓", className: "verified", role: "img", "aria-label": gettext("account"), title: gettext("Signed in with an account") }));
      }
    }
    head.append(times.time(moment));
    turn.append(head, said);
    this.list.append(turn);
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
    this.separate(make("div", { text: times.day(moment), className: "day", role: "separator", "data-day": day }));
  }
}
