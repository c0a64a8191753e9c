// The page's words in the reader's language, from Django's catalogue; without it they are English.

const catalogue = window.django ?? {};

export const gettext = catalogue.gettext ?? ((text) => text);
export const ngettext = catalogue.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

// Put values into a text's places: %(name)s.
export function filled(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, key) => values[key]);
}
