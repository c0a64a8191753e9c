// What goes to the clipboard: "Name, time: text", a line for each message.

import * as times from "./times.js";
import { filled, gettext } from "./words.js";

const messages = new WeakMap(); // by the element that shows them

export function remember(element, message) {
  messages.set(element, { ...messages.get(element), ...message });
}

export function textOf(element) {
  return messages.get(element)?.text ?? "";
}

function line(element) {
  const { name, moment, text } = messages.get(element);
  return filled(gettext("%(name)s, %(time)s: %(text)s"), { name, time: times.stamp(moment), text });
}

// Within one message the browser copies what is marked; of several, whole ones are copied.
export function follow(list) {
  list.addEventListener("copy", (event) => {
    const range = getSelection().getRangeAt(0);
    const shown = Array.from(list.querySelectorAll(".bubble, .notice-line"));
    const marked = shown.filter((each) => messages.has(each) && range.intersectsNode(each));
    if (marked.length < 2) return;
    event.clipboardData.setData("text/plain", marked.map(line).join("\n"));
    event.preventDefault();
  });
}
