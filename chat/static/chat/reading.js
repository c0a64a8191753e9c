// How far the reader has read, in this browser, also when it comes back tomorrow.

import { load, save } from "./storage.js";

export class Reading {
  constructor(room, log) {
    this.key = `read:${room}`;
    this.log = log;
    this.read = load(this.key, 0, { lasting: true });
    this.marked = false; // since the reader looked away
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.marked = false;
    });
  }

  // Call before a message is drawn that the reader did not write; `old` ones come as history.
  comes({ number }, { old }) {
    const unread = old ? this.read > 0 && number > this.read : document.hidden;
    if (!unread || this.marked) return;
    this.marked = true;
    this.log.mark();
  }

  // Call when the reader has written: whatever came before is read.
  answered() {
    this.marked = false;
    this.log.unmark();
  }

  // Call when what is drawn was looked at.
  looked() {
    if (document.hidden || this.log.last === this.read) return;
    this.read = this.log.last;
    save(this.key, this.read, { lasting: true });
  }
}
