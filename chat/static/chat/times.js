// When something was said, in the reader's own time and manner of writing it.

import { make } from "./elements.js";
import { gettext } from "./words.js";

// Words are the page's, and so is their language; the reader's own kind of it where there is one.
const { lang } = document.documentElement;
const language = navigator.languages.find((own) => own.split("-")[0] === lang.split("-")[0]) ?? lang;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" });
const brief = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const date = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });

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

// For a text that leaves the page: with the day, unless it is today's.
export function stamp(moment) {
  const today = moment.toDateString() === new Date().toDateString();
  return today ? clock.format(moment) : brief.format(moment);
}

export function read(text) {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? new Date() : moment;
}

export function day(moment) {
  const today = new Date();
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  if (moment.toDateString() === today.toDateString()) return gettext("Today");
  if (moment.toDateString() === yesterday.toDateString()) return gettext("Yesterday");
  return date.format(moment);
}
