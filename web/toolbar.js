/** The small bar on the message under the pointer or the focus: react, reply, edit, delete, why. One for the whole log. */

import { button, h, iconButton } from "./dom.js";
import { openWhy } from "./why.js";
import { SAY } from "./words.js";

const QUICK = ["👍", "❤️", "😂", "🎉", "🤔", "👀", "🙏", "✅"];

export class Toolbar {
	constructor(chat) {
		this.chat = chat;
		this.picker = h("div.picker", { role: "group", "aria-label": "Reactions", hidden: true },
			QUICK.map((emoji) => button({ "aria-label": `React with ${emoji}`, onclick: () => this.react(this.message, emoji) }, emoji)));
		this.open = iconButton("smile", "React", () => this.#toggle(), { "aria-expanded": "false" });
		this.reply = iconButton("reply", "Reply", () => chat.composer.replyTo(this.message));
		this.pen = iconButton("pen", "Edit", () => chat.composer.edit(this.message));
		this.why = iconButton("why", "Why?", () => openWhy(chat.app, chat.room, this.message));
		this.bin = iconButton("bin", "Delete for everybody", () => this.#remove());
		this.element = h("div.toolbar", { role: "toolbar", "aria-label": "Answer this message" }, this.open, this.reply, this.pen, this.bin, this.why, this.picker);
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
		const room = row.getBoundingClientRect().top - this.chat.scroller.getBoundingClientRect().top;
		this.element.classList.toggle("within", room < 20);
		row.querySelector(".row").append(this.element);
	}

	#hide() {
		this.#close();
		this.element.remove();
	}

	#toggle() {
		this.picker.hidden = !this.picker.hidden;
		this.open.setAttribute("aria-expanded", String(!this.picker.hidden));
		if (this.picker.hidden) return;
		const room = this.element.getBoundingClientRect().top - this.chat.scroller.getBoundingClientRect().top;
		this.picker.classList.toggle("below", room < 60);
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
		if (!app.client.remove(room.id, message.id)) app.toast("You are offline. Deleting needs a connection.");
		this.#hide();
	}

	/** Leaves the emoji on a message, or takes it back. */
	react(message, emoji) {
		const { app, room } = this.chat;
		const on = !message.reactions.some((r) => r.emoji === emoji && r.users.includes(app.me.id));
		if (!app.client.react(room.id, message.id, emoji, on)) app.toast("You are offline. Reactions need a connection.");
		this.#close();
	}
}
