// The state of the connection, in words.

import { filled, gettext } from "./words.js";

const AWAY = gettext("Disconnected, reconnecting…");
const NAMES = {
  open: gettext("Connected"),
  connecting: gettext("Connecting…"),
  waiting: gettext("Disconnected"),
  closed: gettext("Closed"),
};
const OF_THE_ROOM = ["composer", "people", "people-button", "silenced", "typing"];
const byId = (id) => document.getElementById(id);

export function show(state) {
  byId("state").dataset.state = state.name;
  byId("state-text").textContent = NAMES[state.name];
  const text = words(state);
  const bar = byId("bar");
  bar.hidden = !text;
  bar.dataset.state = state.name;
  byId("bar-text").textContent = text;
  speak(state);
  byId("retry").hidden = state.name !== "waiting";
  if (state.name === "closed") for (const id of OF_THE_ROOM) byId(id).hidden = true; // for good
}

// One text for as long as it takes: a countdown, or each attempt, would never be silent.
function speak(state) {
  const spoken = byId("spoken");
  const away = state.name === "waiting" || (state.name === "connecting" && state.again);
  let text = "";
  if (away) text = AWAY;
  else if (state.name === "closed") text = words(state);
  else if (state.name === "open" && spoken.textContent === AWAY) text = gettext("Connected again");
  if (spoken.textContent !== text) spoken.textContent = text;
}

function words(state) {
  const reason = state.reason ? `${state.reason} ` : "";
  if (state.name === "waiting") return reason + filled(gettext("Reconnecting in %(seconds)s s…"), state);
  if (state.name === "connecting") return state.again ? gettext("Reconnecting…") : "";
  if (state.name === "open" && state.away) return gettext("Messages may take a second longer right now; none is lost.");
  if (state.name === "closed") return reason || gettext("This room is closed.");
  return "";
}
