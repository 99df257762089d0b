/** Elements, made without markup: strings become text nodes, so nothing that a person wrote is ever parsed as HTML. */

import { clock, problem } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * h("button.send", { onclick: f, "aria-label": "Send", vars: { "--p": 0.4 } }, "text", node, null): a tag with classes, attributes, which
 * may be left out, and children. `vars` are custom properties (style attributes are forbidden by the content policy); `prop` sets properties.
 */
export function h(name, ...rest) {
	const [tag, ...classes] = name.split(".");
	const element = document.createElement(tag);
	if (tag === "button") element.type = "button"; // one that sends a form says so
	if (classes.length) element.className = classes.join(" ");
	const [first] = rest;
	return dress(element, first && Object.getPrototypeOf(first) === Object.prototype ? rest.shift() : {}, rest);
}

/** The same for a tag of SVG. */
export const s = (tag, attributes, ...children) => dress(document.createElementNS(SVG, tag), attributes, children);

function dress(element, attributes, children) {
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

/** A drawing of `icons.svg`. */
export const icon = (name) => s("svg", { class: "icon", "aria-hidden": "true" }, s("use", { href: `/icons.svg#${name}` }));

export const button = (...rest) => h("button", ...rest);
export const part = (title, ...children) => h("section", h("h3", title), ...children);
export const hint = (...words) => h("p.hint", ...words);
export const failure = (error) => h("p.problem", { role: "alert" }, problem(error));
export const stamp = (at, title = null) => h("time", { datetime: at, title }, clock(at));
/** A bar, filled as far as `--value` around it says. */
export const filled = (title = null) => h("span.score-bar", { title }, h("span.fill"));

/** A button with an icon and a name for those who do not see it. */
export function iconButton(name, label, onclick, attributes = {}) {
	return button({ class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

const hues = new Map();

/** A hue for each person, far from those of the people who were seen before. */
export function hue(id) {
	if (!hues.has(id)) hues.set(id, Math.round(230 + hues.size * 137.5) % 360);
	return hues.get(id);
}

export function avatar(author) {
	if (author.kind === "agent" || author.role === "agent") {
		return h("span.avatar.agent", { "aria-hidden": "true" }, icon("mind"));
	}
	const words = author.name.replace(/\(.*?\)/g, "").match(/[\p{L}\p{N}\p{Extended_Pictographic}]\S*/gu) ?? ["?"];
	const initials = words.slice(0, 2).map((w) => [...w][0]).join("").toUpperCase();
	return h("span.avatar", { "aria-hidden": "true", vars: { "--hue": hue(author.id) } }, initials);
}

/** A copy of what the template `id` of index.html holds: words that never change. */
export const template = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

/** Does, in `element`, what `does` says of the buttons of these names. */
export function wire(element, does) {
	for (const [name, work] of Object.entries(does)) element.querySelector(`[name=${name}]`).onclick = work;
	return element;
}

/** Gives `parent` other children; what was focused there stays focused, by its id or else its place. */
export function redraw(parent, children) {
	const all = () => [...parent.querySelectorAll("button, input, select, textarea, summary, [role=button]")];
	const { activeElement: active } = document;
	const at = all().indexOf(active);
	parent.replaceChildren(...children);
	if (at >= 0) (all().find((one) => one.id && one.id === active.id) ?? all()[at])?.focus({ preventScroll: true });
}

/** A thought or a run that unfolds; `inside` makes what is in it, when it is opened first. `mind` remembers what is open. */
export function unfolding(cls, { id }, mind, summary, inside) {
	const details = h("details", { class: cls, "data-id": id, prop: { open: mind.isOpen(id) } }, h("summary", summary));
	const unfold = () => { if (details.open && !details.querySelector(".inside")) details.append(h("div.inside", inside())); };
	details.addEventListener("toggle", () => { mind.setOpen(id, details.open); unfold(); });
	unfold();
	return details;
}

/** Hands the browser a file to save. */
export function download(name, type, content) {
	const link = h("a", { download: name, href: URL.createObjectURL(new Blob([content], { type })) });
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
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

export const heading = (title, close) => h("header", h("h2", title), iconButton("close", "Close", close));

/** A dialog with a form: `save` is called with the form when it is sent. It closes when that is done, or says what went wrong. */
export function formSheet(title, save, ...children) {
	const status = h("p.problem", { role: "alert" });
	const sent = async (event) => {
		event.preventDefault();
		try {
			await save(form);
			dialog.close();
		} catch (error) { status.textContent = problem(error); }
	};
	const form = h("form", { method: "dialog", onsubmit: sent },
		heading(title, () => dialog.close()), ...children.slice(0, -1), status, h("div.actions", button({ onclick: () => dialog.close() }, "Cancel"), h("button.primary", { type: "submit" }, children.at(-1))));
	const dialog = h("dialog", { "aria-label": title }, form);
	return { dialog, open: () => showModal(dialog) };
}

/** A dialog with a title: `open()` shows it and resolves to what it was closed with. */
export function sheet(title, cls, ...children) {
	const dialog = h("dialog", { class: `people ${cls}`, "aria-label": title },
		heading(title, () => dialog.close()), ...children);
	return { dialog, open: () => showModal(dialog) };
}
