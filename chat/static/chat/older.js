// Fetches older messages when the reader comes near the oldest that is there.

const NEAR = 300;

export class Older {
  constructor(connection, log, scroller, own) {
    Object.assign(this, { connection, log, scroller, own, ref: null });
    scroller.element.addEventListener("scroll", () => this.look(), { passive: true });
    connection.addEventListener("state", ({ detail }) => {
      if (detail.name !== "open") this.ref = null;
    });
    connection.addEventListener("frame", ({ detail }) => this.#frame(detail));
  }

  // Ask for a page, if one is wanted and none is on its way.
  look() {
    if (this.ref !== null || !this.log.more || this.scroller.element.scrollTop > NEAR) return;
    const ref = `older-${this.log.first}`;
    if (this.connection.send({ before: this.log.first, ref })) this.ref = ref;
  }

  #frame(frame) {
    if (frame.ref === null || frame.ref === undefined || frame.ref !== this.ref) return;
    if (frame.type === "history") {
      this.ref = null;
      this.scroller.keep(() => this.log.older(frame.events, this.own, frame.more));
      this.look();
    } else if (frame.type === "error") {
      setTimeout(() => (this.ref = null), 2_000); // the next scroll asks again
    }
  }
}
