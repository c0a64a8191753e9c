// The outbox as it is drawn, below the conversation, with the fate of each message.

import { button, make } from "./elements.js";
import { folded } from "./folding.js";
import { filled, gettext } from "./words.js";

export function draw(container, outbox, connected) {
  container.replaceChildren(...outbox.items.map((item) => row(item, outbox, connected)));
}

function row(item, outbox, connected) {
  const fate = make("div", { className: "fate" }, make("span", { text: words(item, connected) }));
  if (item.state === "failed") {
    fate.append(button(gettext("Retry"), () => outbox.retry(item.ref)));
    fate.append(button(gettext("Discard"), () => outbox.discard(item.ref)));
  }
  const said = make("div", { className: "said" }, make("div", { className: "bubble" }, ...folded([item.text], item.text)));
  said.append(fate);
  return make("article", { className: "turn own", "data-state": item.state, "data-ref": item.ref }, said);
}

function words(item, connected) {
  if (item.state === "failed") return filled(gettext("Not sent. %(reason)s"), { reason: item.reason ?? "" });
  if (item.state === "sending") return gettext("Sending…");
  return connected ? gettext("Waiting, will be sent shortly") : gettext("Waiting for the connection");
}
