// The room's page: wires its parts together and does nothing itself.

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Log } from "./log.js";
import { Naming } from "./naming.js";
import { Outbox } from "./outbox.js";
import { draw } from "./pending.js";
import { hue, initials } from "./people.js";
import { Scroller } from "./scroller.js";
import { show } from "./status.js";

const byId = (id) => document.getElementById(id);
const { room, name, max } = byId("scroller").dataset;
const title = document.title;
let unread = 0;

const connection = new Connection(`/ws/chat/${encodeURIComponent(room)}/`);
const outbox = new Outbox(room, connection);
const log = new Log(byId("log"), byId("alert"));
const scroller = new Scroller(byId("scroller"), byId("pill"));
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
  const own = frame.type === "message" && outbox.claim(frame.ref);
  const drawn =
    (frame.type === "message" && log.message(frame, own)) ||
    (frame.type === "system" && log.system(frame));
  if (!drawn) return;
  byId("welcome").hidden = true;
  scroller.added({ news: !own });
  if (document.hidden && !own) count(unread + 1);
});
document.addEventListener("visibilitychange", () => document.hidden || count(0));
byId("retry").addEventListener("click", () => connection.connect());

function count(number) {
  unread = number;
  document.title = unread ? `(${unread}) ${title}` : title;
}

draw(byId("pending"), outbox, false);
connection.connect();
if (matchMedia("(pointer: fine)").matches) byId("text").focus();
