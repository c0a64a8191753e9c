// The dialog in which a guest changes their name.

import { gettext } from "./words.js";

export class Naming {
  constructor(connection, name, shown) {
    this.connection = connection;
    this.name = name;
    this.shown = shown;
    this.dialog = document.getElementById("naming");
    this.input = document.getElementById("naming-name");
    this.error = document.getElementById("naming-error");
    this.button = document.getElementById("me");
    this.button.addEventListener("click", () => this.#open());
    document.getElementById("naming-cancel").addEventListener("click", () => this.dialog.close());
    document.getElementById("naming-form").addEventListener("submit", (event) => {
      event.preventDefault(); // closed by the answer
      this.#submit();
    });
    connection.addEventListener("frame", ({ detail }) => this.#frame(detail));
    shown(name);
  }

  #open() {
    this.input.value = this.name;
    this.#complain("");
    this.dialog.showModal();
    this.input.select();
  }

  #submit() {
    this.#complain("");
    this.ref = `name-${Date.now()}`;
    if (!this.connection.send({ name: this.input.value, ref: this.ref })) {
      this.#complain(gettext("There is no connection right now; please try again in a moment."));
    }
  }

  #frame(frame) {
    if (frame.type === "welcome" || frame.type === "name") {
      this.name = frame.name;
      this.shown(frame.name);
    }
    if (frame.type === "welcome") this.button.disabled = frame.account; // signed out elsewhere
    if (!frame.ref || frame.ref !== this.ref) return;
    if (frame.type === "name") this.dialog.close();
    else if (frame.type === "error") this.#complain(frame.message);
  }

  #complain(text) {
    this.error.textContent = text;
    this.input.setAttribute("aria-invalid", String(Boolean(text)));
  }
}
