// When something was said, in the reader's own time and manner of writing it.

import { make } from "./elements.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export function exact(moment) {
  return full.format(moment);
}

export function time(moment) {
  return make("time", {
    text: clock.format(moment),
    datetime: moment.toISOString(),
    title: exact(moment),
  });
}

export function read(text) {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? new Date() : moment;
}

export function day(moment) {
  const today = new Date();
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  if (moment.toDateString() === today.toDateString()) return "Today";
  if (moment.toDateString() === yesterday.toDateString()) return "Yesterday";
  return date.format(moment);
}
