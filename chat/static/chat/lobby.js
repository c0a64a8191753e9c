// Keeps the list of rooms fresh while somebody looks at it.

import { make } from "./elements.js";

const EVERY = 4_000;
const list = document.getElementById("rooms");
const nobody = document.getElementById("nobody");
const freshness = document.getElementById("freshness");

function row({ room, people, url }) {
  const link = make("a", { href: url }, make("span", { text: room, className: "room-name" }));
  link.append(make("span", { text: people === 1 ? "1 person" : `${people} people`, className: "people" }));
  return make("li", {}, link);
}

let drawn = "";

// The keyboard's focus stays on the room that it was on.
function redraw(rooms) {
  const focused = list.contains(document.activeElement) && document.activeElement.getAttribute("href");
  list.replaceChildren(...rooms.map(row));
  if (!focused) return;
  const link = Array.from(list.querySelectorAll("a")).find((a) => a.getAttribute("href") === focused);
  link?.focus({ preventScroll: true });
}

async function refresh() {
  try {
    const answer = await fetch(list.dataset.source, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const { rooms } = await answer.json();
    freshness.textContent = "";
    const news = JSON.stringify(rooms);
    if (news === drawn) return;
    drawn = news;
    redraw(rooms);
    nobody.hidden = rooms.length > 0;
  } catch {
    freshness.textContent = "Could not refresh; trying again…";
  }
}

async function forever() {
  if (!document.hidden) await refresh();
  setTimeout(forever, EVERY);
}

document.addEventListener("visibilitychange", () => document.hidden || refresh());
forever();
