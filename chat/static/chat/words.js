// The page's words in the reader's language, from Django's catalogue; without it they are English.

const catalogue = window.django ?? {};

export const gettext = catalogue.gettext ?? ((text) => text);
export const ngettext = catalogue.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

const LEFTWARDS = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

// A name where no element can hold it: one that runs to the left turns nothing around it.
export function isolated(name) {
  return LEFTWARDS.test(name) ? `\u2068${name}\u2069` : name;
}

// Put values into a text's places: %(name)s.
export function filled(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, key) => values[key]);
}
