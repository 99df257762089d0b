/** Form parts that the room form and the agent form share. */

import { h } from "./dom.js";

let count = 0;

/** A label above `control`, with a hint below it. */
export function field(label, control, hint = "") {
  const id = `field-${(count += 1)}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null);
}

/** Radio buttons as a row of cards. `options`: [value, label, what it means]. */
export function choice(legend, name, options, chosen) {
  return h("fieldset", { class: "choice" }, h("legend", {}, legend),
    h("div", { class: "cards" }, options.map(([value, label, meaning]) => h("label", { class: "card" },
      h("input", { type: "radio", name, value, prop: { checked: value === chosen, defaultChecked: value === chosen } }),
      h("strong", {}, label), h("small", {}, meaning)))));
}

export const presetChoice = (chosen) => choice("How readily it speaks", "preset", [
  ["selective", "Selective", "only what matters much"],
  ["active", "Active", "a good listener who joins in"],
  ["chatty", "Chatty", "one of the crowd"],
], chosen);

export const modeChoice = (chosen) => choice("What it may do", "mode", [
  ["shadow", "Shadow", "thinks, never speaks"],
  ["suggest", "Suggest", "shows watchers what it would say"],
  ["speak", "Speak", "speaks by itself"],
], chosen);

export const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
