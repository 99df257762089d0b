/** The small bar on the message under the pointer or the focus: react, reply, edit, delete, why. One for the whole log. */

import { template, wire } from "./dom.js";
import { openWhy } from "./why.js";
import { SAY } from "./words.js";

export class Toolbar {
	constructor(chat) {
		this.chat = chat;
		this.element = wire(template("toolbar"), {
			open: () => this.#toggle(),
			reply: () => chat.composer.replyTo(this.message),
			edit: () => chat.composer.edit(this.message),
			remove: () => this.#remove(),
			why: () => openWhy(chat.app, chat.room, this.message),
		});
		[this.open, this.reply, this.pen, this.bin, this.why, this.picker] = this.element.children;
		for (const one of this.picker.children) one.onclick = () => this.react(this.message, one.textContent);
		chat.log.addEventListener("pointerover", (event) => { if (event.pointerType === "mouse") this.#moveTo(event.target); });
		chat.log.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && !this.element.contains(document.activeElement)) this.#hide(); });
		chat.log.addEventListener("focusin", (event) => this.#moveTo(event.target));
		chat.log.addEventListener("click", (event) => { if (!event.target.closest("button")) this.#moveTo(event.target); });
		this.element.addEventListener("keydown", (event) => {
			if (event.key !== "Escape") return;
			this.#close();
			this.element.closest(".message")?.focus();
		});
	}

	#moveTo(target) {
		const row = target.closest?.(".message");
		if (!row || row.contains(this.element)) return;
		this.message = this.chat.room.messages.get(row.dataset.id);
		if (!this.message || this.message.deleted_at) { this.#hide(); return; }
		const { app, room: { role } } = this.chat;
		const mine = this.message.author.id === app.me.id;
		for (const button of [this.open, this.reply]) button.hidden = role === "observer";
		this.pen.hidden = !mine || role === "observer";
		this.bin.hidden = role !== "owner" && !mine;
		this.why.hidden = !this.chat.room.agents.length && this.message.author.kind !== "agent";
		this.#close();
		this.element.classList.toggle("within", this.#below(row) < 20);
		row.querySelector(".row").append(this.element);
	}

	/** How far below the upper edge of the log `element` begins. */
	#below(element) { return element.getBoundingClientRect().top - this.chat.scroller.getBoundingClientRect().top; }

	#hide() {
		this.#close();
		this.element.remove();
	}

	#toggle() {
		this.picker.hidden = !this.picker.hidden;
		this.open.setAttribute("aria-expanded", !this.picker.hidden);
		if (this.picker.hidden) return;
		this.picker.classList.toggle("below", this.#below(this.element) < 60);
		this.picker.firstElementChild.focus({ preventScroll: true });
	}

	#close() {
		this.picker.hidden = true;
		this.open.setAttribute("aria-expanded", "false");
	}

	press(key) {
		const button = { r: this.reply, e: this.pen, Delete: this.bin, w: this.why, "+": this.open }[key];
		if (!button || button.hidden || !this.element.isConnected) return false;
		button.click();
		return true;
	}

	async #remove() {
		const { chat: { app, room }, message } = this;
		if (!(await app.confirm(SAY.remove, "Delete"))) return;
		app.sent(app.client.remove(room.id, message.id));
		this.#hide();
	}

	/** Leaves the emoji on a message, or takes it back. */
	react(message, emoji) {
		const { app, room } = this.chat;
		const on = !message.reactions.some((r) => r.emoji === emoji && r.users.includes(app.me.id));
		app.sent(app.client.react(room.id, message.id, emoji, on));
		this.#close();
	}
}
