// What can be done about one message: a bar that goes to the one that is pointed at, tapped, or
// walked to with the arrow keys. There is one, or a screen reader would read it with each message.

import { button, make } from "./elements.js";
import { gettext } from "./words.js";

export class Actions {
  constructor(list, writing) {
    this.list = list;
    this.bar = make("span", { className: "actions", "aria-live": "off" });
    this.current = null; // the one that Tab leads to
    list.addEventListener("pointerover", ({ target }) => this.#goTo(target.closest(".bubble")));
    list.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && this.#leave());
    list.addEventListener("focusin", ({ target }) => this.#focused(target.closest(".bubble")));
    list.addEventListener("keydown", (event) => this.#key(event, writing));
    new MutationObserver(() => this.#newest()).observe(list, { childList: true, subtree: true });
  }

  // Offer one more; `act` gets the message's element, for those that are `wanted`.
  add({ name, text, label, wanted, act }) {
    const element = button(text, () => act(this.bar.closest(".bubble"), element));
    element.className = name;
    if (label) element.setAttribute("aria-label", label);
    element.wanted = wanted;
    this.bar.append(element);
  }

  #goTo(bubble) {
    if (!bubble || this.bar.parentElement === bubble || this.bar.contains(document.activeElement)) return;
    for (const element of this.bar.children) element.hidden = !element.wanted(bubble);
    bubble.append(this.bar);
  }

  #leave() {
    if (!this.bar.closest(".bubble")?.contains(document.activeElement)) this.bar.remove();
  }

  #focused(bubble) {
    this.#goTo(bubble);
    this.#stop(bubble);
  }

  #newest() {
    if (this.list.contains(document.activeElement)) return;
    const bubbles = this.list.getElementsByClassName("bubble");
    this.#stop(bubbles[bubbles.length - 1]);
  }

  #stop(bubble) {
    if (!bubble || bubble === this.current) return;
    if (this.current) this.current.tabIndex = -1;
    this.current = bubble;
    bubble.tabIndex = 0;
  }

  #key(event, writing) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const at = event.target.closest(".bubble");
    if (!at || (!step && event.key !== "Escape")) return;
    event.preventDefault();
    const bubbles = Array.from(this.list.getElementsByClassName("bubble"));
    const next = step ? bubbles[bubbles.indexOf(at) + step] : writing;
    (next ?? at).focus();
  }
}

export function copier(text, spoken) {
  const copy = async (bubble, element) => {
    await navigator.clipboard.writeText(text(bubble));
    spoken.textContent = gettext("Copied");
    element.textContent = gettext("Copied");
    setTimeout(() => {
      element.textContent = gettext("Copy");
      spoken.textContent = "";
    }, 2_000);
  };
  // Browsers offer it where a page came encrypted, or from this machine.
  const wanted = () => Boolean(navigator.clipboard);
  return { name: "copy", text: gettext("Copy"), wanted, act: copy };
}
