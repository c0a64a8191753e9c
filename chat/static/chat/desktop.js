// Notifications of the desktop, for a room that is open and out of sight; off until asked for.

import { load, save } from "./storage.js";

const LENGTH = 140;

export class Desktop {
  constructor(room, button) {
    Object.assign(this, { room, button, key: `notify:${room}` });
    this.on = load(this.key, false, { lasting: true }) === true;
    button.hidden = !("Notification" in window);
    button.addEventListener("click", () => this.#turn());
    this.#show();
  }

  // Call with what somebody else said.
  tell(frame) {
    if (!this.#allowed || !document.hidden) return;
    const who = frame.from ?? "System";
    const body = Array.from(frame.message).slice(0, LENGTH).join("");
    // One for each room: the newest takes the place of the one before it.
    const notice = new Notification(`${who} in #${this.room}`, { body, tag: `chat ${this.room}` });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  }

  get #allowed() {
    return this.on && "Notification" in window && Notification.permission === "granted";
  }

  async #turn() {
    const wanted = !this.#allowed;
    if (wanted && Notification.permission === "default") await Notification.requestPermission();
    this.on = wanted;
    save(this.key, wanted, { lasting: true });
    this.#show();
  }

  #show() {
    if (this.button.hidden) return;
    const denied = Notification.permission === "denied";
    this.button.disabled = denied;
    this.button.setAttribute("aria-pressed", String(this.#allowed));
    this.button.textContent = denied ? "Notifications are blocked" : this.#allowed ? "Notifications are on" : "Notify me";
  }
}
