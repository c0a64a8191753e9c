// The only place that makes elements. Text is always text: nothing here parses HTML.

export function make(tag, { text, className, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A text with what people chose in its places: %(name)s. Each stands apart, whatever direction it has.
export function phrase(text, values) {
  const parts = text.split(/%\((\w+)\)s/);
  return parts.map((part, at) => (at % 2 ? make("bdi", { text: values[part] }) : part));
}

export function button(text, onClick) {
  const element = make("button", { text, className: "link", type: "button" });
  element.addEventListener("click", onClick);
  return element;
}
