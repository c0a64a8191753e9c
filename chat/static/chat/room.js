// The room's page: wires its parts together and does nothing itself.

import { Actions, copier } from "./actions.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { textOf } from "./copying.js";
import { Desktop } from "./desktop.js";
import { followFolds } from "./folding.js";
import { Log } from "./log.js";
import { Moderation } from "./moderation.js";
import { Naming } from "./naming.js";
import { Older } from "./older.js";
import { Outbox } from "./outbox.js";
import { draw } from "./pending.js";
import { hue, initials } from "./people.js";
import { Reading } from "./reading.js";
import { Roster } from "./roster.js";
import { Scroller } from "./scroller.js";
import { show } from "./status.js";
import { Typing } from "./typing.js";
import { isolated } from "./words.js";

const byId = (id) => document.getElementById(id);
const { room, name, max } = byId("scroller").dataset;
const title = document.title.replace(room, isolated(room));
let unread = 0;

const scroller = new Scroller(byId("scroller"), byId("pill"));
const log = new Log(byId("log"), byId("alert"), byId("welcome"));
const connection = new Connection(`/ws/chat/${encodeURIComponent(room)}/`, () => log.last);
const outbox = new Outbox(room, connection);
const reading = new Reading(room, log);
followFolds(byId("scroller"), scroller);
const composer = new Composer(
  { form: byId("composer"), text: byId("text"), send: byId("send"), counter: byId("counter") },
  room,
  Number(max),
);

new Naming(connection, name, (now) => {
  byId("me-name").textContent = now;
  byId("me-avatar").textContent = initials(now);
  byId("me-avatar").className = `avatar ${hue(now)}`;
});

const roster = new Roster(connection, {
  panel: byId("people"),
  list: byId("people-list"),
  button: byId("people-button"),
  number: byId("people-count"),
  rest: byId("people-rest"),
});
new Typing(connection, byId("text"), byId("typing"));
const actions = new Actions(byId("log"), byId("text"));
actions.add(copier(textOf, byId("done")));
new Moderation(connection, actions, roster, {
  dialog: byId("acting"),
  lock: byId("lock"),
  bar: byId("bar-guests"),
  warn: (text) => {
    log.warn(text);
    scroller.added({ news: false });
  },
});

composer.addEventListener("message", ({ detail }) => {
  outbox.add(detail);
  scroller.follow();
});
outbox.addEventListener("change", () => {
  draw(byId("pending"), outbox, connection.open);
  scroller.added({ news: false });
});
connection.addEventListener("state", ({ detail }) => show(detail));
connection.addEventListener("frame", ({ detail: frame }) => {
  if (frame.type === "welcome" && frame.gap) log.clear();
  else if (frame.type === "history" && frame.ref === null) catchUp(frame);
  else if (frame.type === "message" || frame.type === "system") live(frame);
  else if (frame.type === "removed") log.erase(frame);
  if (frame.type === "welcome" || frame.type === "rules") byId("silenced").textContent = frame.silenced ?? "";
});
const desktop = new Desktop(room, byId("notify"));
const older = new Older(connection, log, scroller, isOwn);

function isOwn(frame) {
  return frame.mine || outbox.claim(frame.ref);
}

// What was said before we came, or while we were away.
function catchUp({ events, more }) {
  const resumed = log.last > 0;
  if (!resumed) log.more = more;
  log.quietly(() => {
    for (const event of events) take(event, { old: true, news: resumed });
  });
  if (scroller.following) reading.looked();
  older.look();
}

function live(frame) {
  take(frame, { old: false, news: true });
}

function take(frame, { old, news }) {
  const own = frame.type === "message" && isOwn(frame);
  if (own) reading.answered();
  else if (frame.number > log.last) reading.comes(frame, { old });
  if (!log.draw(frame, own)) return;
  scroller.added({ news: news && !own });
  if (scroller.following && !old) reading.looked();
  if (!document.hidden || !news || own) return;
  count(unread + 1);
  desktop.tell(frame);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  count(0);
  if (scroller.following) reading.looked();
});
byId("scroller").addEventListener("scroll", () => scroller.following && reading.looked(), { passive: true });
byId("retry").addEventListener("click", () => connection.connect());

function count(number) {
  unread = number;
  document.title = unread ? `(${unread}) ${title}` : title;
}

draw(byId("pending"), outbox, false);
count(0);
connection.connect();
if (matchMedia("(pointer: fine)").matches) byId("text").focus();
