// Notifications of the desktop, for a room that is open and out of sight; off until asked for.

import { load, save } from "./storage.js";
import { filled, gettext, isolated } from "./words.js";

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
    const who = frame.from ?? gettext("System");
    const body = Array.from(frame.message).slice(0, LENGTH).join("");
    const title = filled(gettext("%(who)s in #%(room)s"), { who: isolated(who), room: isolated(this.room) });
    // One for each room: the newest takes the place of the one before it.
    const notice = new Notification(title, { body, tag: `chat ${this.room}` });
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
    if (denied) this.button.textContent = gettext("Notifications are blocked");
    else this.button.textContent = this.#allowed ? gettext("Notifications are on") : gettext("Notify me");
  }
}
