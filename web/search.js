/** The search in a room: a field under its header, what was found below it. Choosing one goes there, however far back. */

import { button, h, iconButton, template } from "./dom.js";
import { clip, clock, dayName, problem } from "./words.js";

const WAIT = 250; // ms after the last key

/** `text`, with what was looked for marked in it. */
function lit(text, q) {
	const at = text.toLowerCase().indexOf(q.toLowerCase());
	return at < 0 || !q ? text : [text.slice(0, at), h("mark", text.slice(at, at + q.length)), text.slice(at + q.length)];
}

export class Search {
	constructor(chat) {
		this.chat = chat;
		this.element = template("search");
		[this.field, this.status, this.found] = this.element.querySelectorAll("input, p, ul");
		this.field.oninput = () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.#find(), WAIT); };
		this.field.after(iconButton("close", "Close the search", () => this.open(false)));
		this.element.onkeydown = (event) => this.#key(event);
	}

	open(on = this.element.hidden) {
		this.element.hidden = !on;
		if (on) { this.field.focus(); this.field.select(); return; }
		this.field.value = "";
		this.#show([], "");
	}

	async #find() {
		const { chat: { app, room }, field } = this;
		const q = field.value.trim();
		if (!q) { this.#show([], ""); return; }
		try {
			const { messages, next } = await app.client.get(`${room.path}/search?q=${encodeURIComponent(q)}&limit=40`);
			if (q !== field.value.trim() || room !== this.chat.room) return;
			this.#show(messages, messages.length ? `${messages.length}${next ? " newest" : ""} found` : "Nothing found.");
		} catch (error) { this.#show([], problem(error)); }
	}

	#show(messages, status) {
		this.status.textContent = status;
		this.found.replaceChildren(...messages.map((m) => h("li", button({ class: "hit", onclick: () => this.#go(m) },
			h("strong", m.author.name), h("time", { datetime: m.at }, `${dayName(m.at)}, ${clock(m.at)}`), h("span", lit(clip(m.text, 140), this.field.value.trim()))))));
	}

	async #go(message) {
		if (!matchMedia("(min-width: 760px)").matches) this.open(false);
		await this.chat.jump(message.id);
	}

	#key(event) {
		if (event.key === "Escape") { event.stopPropagation(); this.open(false); this.chat.composer.text.focus(); }
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (!step) return;
		event.preventDefault();
		const all = [this.field, ...this.found.querySelectorAll("button")];
		all[Math.min(all.length - 1, Math.max(0, all.indexOf(document.activeElement) + step))].focus();
	}
}
