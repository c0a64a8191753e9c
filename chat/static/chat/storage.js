// What this tab keeps over a reload, and the browser over a night. One that refuses costs the
// memory, not the chat.

function place(lasting) {
  return lasting ? localStorage : sessionStorage;
}

export function load(key, fallback, { lasting = false } = {}) {
  try {
    return JSON.parse(place(lasting).getItem(`chat:${key}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function save(key, value, { lasting = false } = {}) {
  try {
    place(lasting).setItem(`chat:${key}`, JSON.stringify(value));
  } catch {
    // Full, or switched off.
  }
}
