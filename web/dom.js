/** Elements, made without markup: strings become text nodes, so nothing that a person wrote is ever parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * h("button", { class: "send", onclick: f, "aria-label": "Send", vars: { "--p": 0.4 } }, "text", node, null)
 * `vars` are custom properties (style attributes are forbidden by the content policy); `prop` sets properties.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "vars") for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else if (name === "prop") Object.assign(element, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

const PATHS = {
  send: "M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4",
  reply: "M10 6 4 12l6 6M4 12h10a6 6 0 0 1 6 6",
  smile: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M8.5 14.5c1.8 2.4 5.2 2.4 7 0M9 9.5v.6M15 9.5v.6",
  close: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  menu: "M4 7h16M4 12h16M4 17h10",
  down: "M12 5v14M6 13l6 6 6-6",
  gear: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  people: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c.4-4 2.8-6 6.5-6s6.1 2 6.5 6M16 5a3.4 3.4 0 0 1 0 6.3M18 14.5c2 .8 3.2 2.6 3.5 5.5",
  mind: "M9 4.5c-4.6 4.2-4.6 10.8 0 15M15 4.5c4.6 4.2 4.6 10.8 0 15M12 12v.01",
  bin: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5",
  back: "M15 5l-7 7 7 7",
  pen: "M4 20l1-4L16.5 4.5l3 3L8 19zM14 7l3 3",
  why: "M8.5 8.5a3.6 3.6 0 1 1 5.4 3.1c-1.3.8-1.9 1.5-1.9 3M12 18.5v.1",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20.5 20.5",
  keys: "M3.5 7h17v10h-17zM7 10.5v.1M11 10.5v.1M15 10.5v.1M8 14h8",
  play: "M7 5l12 7-12 7z",
  person: "M12 11.5a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4M4.5 20.5c.5-4.2 3.3-6.3 7.5-6.3s7 2.1 7.5 6.3",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon and a name for those who do not see it. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

/** A hue for each person, the same in every tab. */
export function hue(id) {
  let hash = 7;
  for (const char of id) hash = (hash * 31 + char.codePointAt(0)) % 360_007;
  return hash % 360;
}

export function avatar(author) {
  if (author.kind === "agent" || author.role === "agent") {
    return h("span", { class: "avatar agent", "aria-hidden": "true" }, icon("mind"));
  }
  const initials = author.name.trim().split(/\s+/).slice(0, 2).map((w) => [...w][0]).join("").toUpperCase();
  return h("span", { class: "avatar", "aria-hidden": "true", vars: { "--hue": hue(author.id) } }, initials);
}

/** Opens `dialog` as a modal; resolves when it is closed, and takes it off the page. */
export function showModal(dialog) {
  document.body.append(dialog);
  dialog.showModal();
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue); });
  });
}
