// Makes the web addresses in a text clickable, and shows where they really lead.

import { make } from "./elements.js";

// No white space, quotes, angle brackets, nor anything invisible or that turns the direction.
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/giu;
const AFTER = /[.,:;!?…\])}»”’*_~]+$/u;

export function linked(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = trimmed(found[0]);
    const url = safe(address);
    if (!url) continue;
    parts.push(text.slice(at, found.index), link(url, address));
    at = found.index + address.length;
  }
  return [...parts, text.slice(at)];
}

// What ends a sentence is not part of the address, unless a bracket was opened in it.
function trimmed(address) {
  const short = address.replace(AFTER, "");
  const rest = address.slice(short.length);
  return rest.startsWith(")") && short.includes("(") ? `${short})` : short;
}

// A name before the host (https://bank.example@evil.example) is there to deceive.
function safe(address) {
  const url = URL.parse ? URL.parse(address) : parse(address);
  const sound = url && (url.protocol === "https:" || url.protocol === "http:");
  return sound && !url.username && !url.password && url.hostname ? url : null;
}

function parse(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

function link(url, address) {
  const anchor = make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow ugc", title: url.host });
  const text = make("bdi", { text: address });
  anchor.append(text);
  // Letters of other scripts may look like ours: then the name that is asked for stands beside it.
  const plain = address.toLowerCase().startsWith(`${url.protocol}//${url.hostname}`);
  if (!plain) anchor.append(make("span", { text: ` (${url.hostname})`, className: "host" }));
  return anchor;
}
