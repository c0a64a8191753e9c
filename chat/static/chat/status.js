// The state of the connection, in words.

const AWAY = "Disconnected, reconnecting…";
const byId = (id) => document.getElementById(id);

export function show(state) {
  byId("state").dataset.state = state.name;
  byId("state-text").textContent = { open: "Connected", connecting: "Connecting…", waiting: "Disconnected", closed: "Closed" }[state.name];
  const text = words(state);
  const bar = byId("bar");
  bar.hidden = !text;
  bar.dataset.state = state.name;
  byId("bar-text").textContent = text;
  speak(state);
  byId("retry").hidden = state.name !== "waiting";
}

// One text for as long as it takes: a countdown, or each attempt, would never be silent.
function speak(state) {
  const spoken = byId("spoken");
  const away = state.name === "waiting" || (state.name === "connecting" && state.again);
  let text = "";
  if (away) text = AWAY;
  else if (state.name === "closed") text = words(state);
  else if (state.name === "open" && spoken.textContent === AWAY) text = "Connected again";
  if (spoken.textContent !== text) spoken.textContent = text;
}

function words(state) {
  const reason = state.reason ? `${state.reason} ` : "";
  if (state.name === "waiting") return `${reason}Reconnecting in ${state.seconds} s…`;
  if (state.name === "connecting") return state.again ? "Reconnecting…" : "";
  if (state.name === "open" && state.away) return state.reason;
  if (state.name === "closed") return reason || "This room is closed.";
  return "";
}
