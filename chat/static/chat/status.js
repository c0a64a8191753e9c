// The state of the connection, in words.

const byId = (id) => document.getElementById(id);

export function show(state) {
  byId("state").dataset.state = state.name;
  byId("state-text").textContent = { open: "Connected", connecting: "Connecting…", waiting: "Disconnected", closed: "Closed" }[state.name];
  const text = words(state);
  const bar = byId("bar");
  bar.hidden = !text;
  bar.dataset.state = state.name;
  byId("bar-text").textContent = text;
  // Spoken without the countdown, which would never be silent.
  const spoken = text && state.name === "waiting" ? "Disconnected, reconnecting…" : text;
  if (byId("spoken").textContent !== spoken) byId("spoken").textContent = spoken;
  byId("retry").hidden = state.name !== "waiting";
}

function words(state) {
  const reason = state.reason ? `${state.reason} ` : "";
  if (state.name === "waiting") return `${reason}Reconnecting in ${state.seconds} s…`;
  if (state.name === "connecting") return state.again ? "Reconnecting…" : "";
  if (state.name === "closed") return reason || "This room is closed.";
  return "";
}
