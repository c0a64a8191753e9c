// How a person looks: initials, and one of twelve colours that is theirs everywhere.

import { make } from "./elements.js";

const HUES = 12;

export function hue(name) {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  return `hue-${((hash ^ (hash >>> 13)) >>> 0) % HUES}`;
}

export function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const first = (word) => Array.from(word ?? "")[0] ?? "";
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : "")).toUpperCase() || "?";
}

export function avatar(name) {
  return make("span", { text: initials(name), className: `avatar ${hue(name)}`, "aria-hidden": "true" });
}
