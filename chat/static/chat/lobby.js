// Keeps the list of rooms as it is while somebody looks at it.

import { Connection } from "./connection.js";
import { make } from "./elements.js";
import * as times from "./times.js";
import { filled, gettext, ngettext } from "./words.js";

const list = document.getElementById("rooms");
const nobody = document.getElementById("nobody");
const freshness = document.getElementById("freshness");

function row({ room, people, said, url }) {
  const link = make("a", { href: url }, make("bdi", { text: room, className: "room-name" }));
  link.append(make("span", { text: filled(ngettext("%(number)s person", "%(number)s people", people), { number: people }), className: "people" }));
  link.append(make("span", { className: "said-at" }, ...activity(said)));
  return make("li", {}, link);
}

function activity(said) {
  if (!said) return [gettext("nothing said yet")];
  const moment = times.read(said);
  const today = moment.toDateString() === new Date().toDateString();
  return [gettext("last message"), " ", ...(today ? [] : [times.day(moment), ", "]), times.time(moment)];
}

// The keyboard's focus stays on the room that it was on.
function redraw(rooms) {
  const focused = list.contains(document.activeElement) && document.activeElement.getAttribute("href");
  list.replaceChildren(...rooms.map(row));
  nobody.hidden = rooms.length > 0;
  if (!focused) return;
  const link = Array.from(list.querySelectorAll("a")).find((a) => a.getAttribute("href") === focused);
  link?.focus({ preventScroll: true });
}

const connection = new Connection("/ws/lobby/", () => 0);
connection.addEventListener("frame", ({ detail }) => {
  if (detail.type === "rooms") redraw(detail.rooms);
});
connection.addEventListener("state", ({ detail }) => {
  const away = detail.name === "waiting" || (detail.name === "connecting" && detail.again);
  freshness.textContent = away ? gettext("Could not refresh; trying again…") : "";
});
connection.connect();
