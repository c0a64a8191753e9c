// What this tab keeps over a reload. A browser that refuses costs the memory, not the chat.

export function load(key, fallback) {
  try {
    return JSON.parse(sessionStorage.getItem(`chat:${key}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function save(key, value) {
  try {
    sessionStorage.setItem(`chat:${key}`, JSON.stringify(value));
  } catch {
    // Full, or switched off.
  }
}
