/** `<aside-composer>`: where one writes. Enter sends, Shift+Enter makes a new line, Escape drops the reply or the edit, ArrowUp
 * in an empty field edits one's last message. */

import { h, icon, iconButton, template } from "./dom.js";
import { clip } from "./words.js";

const TYPING_AGAIN = 3_000;
const TYPING_STOPS = 4_000;

class AsideComposer extends HTMLElement {
	app = null;
	room = null;
	reply = null;
	editing = null;
	typingAt = 0; // when the others were last told

	connectedCallback() {
		if (this.form) return;
		this.form = template("composer");
		[this.quoted, this.text, this.count, this.button] = this.form.querySelectorAll(".replying, textarea, .count, .send");
		this.text.oninput = () => this.#input();
		this.text.onkeydown = (event) => this.#key(event);
		this.form.onsubmit = (event) => { event.preventDefault(); this.#send(); };
		this.observer = template("observer");
		this.append(this.form, this.observer);
	}

	show(room) {
		this.edit(null);
		if (this.room) this.room.unsent = this.text.value;
		this.#stopTyping();
		this.room = room;
		this.text.value = room.unsent;
		this.text.placeholder = `Write to ${clip(room.name, 40)}`;
		this.form.hidden = room.role === "observer";
		this.observer.hidden = room.role !== "observer";
		this.replyTo(null);
		this.#fit();
		if (matchMedia("(hover: hover)").matches) this.text.focus();
	}

	/** Makes the next message a reply to `message`; null drops that. */
	replyTo(message) {
		this.reply = message;
		this.#above(message && ["reply", "Do not reply", () => this.replyTo(null), "Reply to ", h("strong", message.author.name), ` ${clip(message.text, 90)}`]);
	}

	/** Puts the words of `message`, one's own, into the field: sending gives it these. null drops that. */
	edit(message) {
		if (!message && !this.editing) return;
		if (message) this.replyTo(null);
		this.editing = message;
		this.text.value = message?.text ?? "";
		this.#fit();
		this.#above(message && ["pen", "Do not edit", () => this.edit(null), "Editing your message"]);
	}

	#above(what) {
		const [drawn, drop, dropped, ...words] = what ?? [];
		this.quoted.hidden = !what;
		this.quoted.replaceChildren(...(what ? [icon(drawn), h("span", words), iconButton("close", drop, dropped)] : []));
		if (what) this.text.focus();
	}

	#editLast() {
		const mine = this.room.entries.findLast(({ message: m }) => m?.author.id === this.app.me.id && !m.deleted_at);
		if (mine) this.edit(mine.message);
	}

	#key(event) {
		if (event.key === "ArrowUp" && !this.text.value && !this.reply) { event.preventDefault(); this.#editLast(); return; }
		if (event.key === "Escape" && this.editing) this.edit(null);
		if (event.key === "Escape" && this.reply) this.replyTo(null);
		if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
		event.preventDefault();
		this.#send();
	}

	#input() {
		this.#fit();
		if (!this.text.value.trim()) { this.#stopTyping(); return; }
		const now = Date.now();
		if (now - this.typingAt > TYPING_AGAIN && this.app.client.typing(this.room.id, true)) this.typingAt = now;
		clearTimeout(this.stop);
		this.stop = setTimeout(() => this.#stopTyping(), TYPING_STOPS);
	}

	#stopTyping() {
		clearTimeout(this.stop);
		if (this.typingAt && this.room) this.app.client.typing(this.room.id, false);
		this.typingAt = 0;
	}

	#send() {
		const text = this.text.value.trim();
		if (!text) return;
		this.#stopTyping();
		if (this.editing) {
			const same = text === this.editing.text;
			if (same || this.app.sent(this.app.client.edit(this.room.id, this.editing.id, text))) this.edit(null);
			return;
		}
		this.app.client.send(this.room.id, text, this.reply?.id ?? null);
		this.text.value = "";
		this.replyTo(null);
		this.#fit();
		this.app.chat.toEnd();
	}

	#fit() {
		const { text } = this;
		text.style.setProperty("height", "auto");
		text.style.setProperty("height", `${Math.min(text.scrollHeight, 220)}px`);
		this.button.disabled = !text.value.trim();
		const left = text.maxLength - text.value.length;
		this.count.textContent = left < 500 ? left : "";
	}
}

customElements.define("aside-composer", AsideComposer);
