// A message that fills more than about a screen is shown cut, until its reader wants all of it.

import { make } from "./elements.js";
import { gettext } from "./words.js";

const MOST_LINES = 24; // of which fewer are shown, or there would be little behind the button
const CHARACTERS = matchMedia("(min-width: 48rem)").matches ? 70 : 32; // a line, about

// Counted, not measured: to measure each would lay out the page each time.
function tall(text) {
  const lines = text.split("\n").map((line) => 1 + Math.floor(line.length / CHARACTERS));
  return lines.reduce((sum, each) => sum + each, 0) > MOST_LINES;
}

export function folded(parts, text) {
  if (!tall(text)) return parts;
  const button = make("button", { className: "unfold link", type: "button", "aria-live": "off" });
  const part = make("span", { className: "foldable" }, ...parts);
  fold(part, button, true);
  return [part, button];
}

// What is read stays where it is: the text that opens, and what stands below the text that closes.
export function followFolds(list, scroller) {
  const turn = (button, shut) => {
    const part = button.previousElementSibling;
    scroller.still(shut ? button : part, () => fold(part, button, shut));
    if (shut) button.scrollIntoView({ block: "nearest" }); // the keyboard shuts it from anywhere
  };
  list.addEventListener("click", ({ target }) => {
    if (target.classList.contains("unfold")) turn(target, target.ariaExpanded === "true");
  });
  // The keyboard leads to a link that is cut off.
  list.addEventListener("focusin", ({ target }) => {
    const part = target.closest(".folded");
    if (part) turn(part.nextElementSibling, false);
  });
}

function fold(part, button, shut) {
  part.classList.toggle("folded", shut);
  button.setAttribute("aria-expanded", String(!shut));
  button.textContent = shut ? gettext("Show more") : gettext("Show less");
}
