// Whether a text is nothing but a few emoji, which are then shown larger.

const ONE = "(?:\\p{Regional_Indicator}{2}|\\p{Extended_Pictographic}(?:[\\ufe0f\\u200d]|\\p{Emoji_Modifier}|\\p{Extended_Pictographic}(?<=\\u200d.))*)";
const FEW = new RegExp(`^(?:${ONE}\\s*){1,5}$`, "u");

export function fewEmoji(text) {
  return text.length < 100 && FEW.test(text);
}
