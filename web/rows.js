/**
 * The rows of a room that are on the page: those of entries which follow each other, never more than twice `KEPT`. Scrolling brings in
 * more at one end and takes them away at the other, so that a room of any length stays quick.
 */

import { h } from "./dom.js";
import { messageElement, setMind } from "./message.js";
import { dayName, sameDay } from "./words.js";

export const KEPT = 200;
export const MORE = 50; // rows that come in at an end
const TOGETHER = 5 * 60_000; // ms within which messages of one author stand together

export class Rows {
	#rows = new Map(); // seq -> element
	#from = null; // seq of the first row
	#to = null; // and of the last
	#growing = false;

	constructor(chat) { this.chat = chat; }

	show(room) {
		this.room = room;
		this.#rows.clear();
		this.#from = this.#to = null;
		this.chat.log.replaceChildren();
	}

	get size() { return this.#rows.size; }
	of(seq) { return this.#rows.get(seq); }

	/** Places of the first and the last row among the entries. */
	get #first() { return this.room.log.indexOf(this.#from); }
	get #last() { return this.room.log.indexOf(this.#to); }
	/** Whether the newest entry has its row. */
	get whole() { return this.#to === (this.room.entries.at(-1)?.seq ?? null); }
	get messages() { return this.room.entries.slice(Math.max(0, this.#first), this.#last + 1).map((entry) => entry.message); }

	place(entry) {
		const { room: { entries, log, watching }, chat } = this;
		const at = log.indexOf(entry.seq);
		const element = entry.message ? messageElement(entry.message, chat) : h("p.line", h("span", entry.line));
		this.#rows.set(entry.seq, element);
		const alone = this.#rows.size === 1;
		if (alone || entry.seq < this.#from) this.#from = entry.seq;
		if (alone || entry.seq > this.#to) this.#to = entry.seq;
		let after = at + 1;
		while (after < entries.length && !this.#rows.has(entries[after].seq)) after += 1;
		chat.log.insertBefore(element, this.#rows.get(entries[after]?.seq) ?? null);
		this.#context(at);
		if (entries[at + 1] && this.#rows.has(entries[at + 1].seq)) this.#context(at + 1);
		if (entry.message && watching) this.mind(entry.message);
	}

	/** What a row has of its neighbours: the line of a new day, the mark of what is unread, whether its author is said again. */
	#context(at) {
		const { room: { complete, entries }, chat: { app, unreadAfter } } = this;
		const { seq, message } = entries[at];
		if (!message) return;
		const element = this.#rows.get(seq);
		element.querySelectorAll(":scope > .day, :scope > .unread-mark").forEach((mark) => mark.remove());
		const previous = entries.slice(Math.max(0, at - 20), at).findLast((e) => e.message)?.message;
		const newDay = !previous || !sameDay(previous.at, message.at);
		const mine = message.author.id === app.me.id;
		const unread = unreadAfter >= 0 && seq > unreadAfter && (at ? entries[at - 1].seq <= unreadAfter : complete) && !mine;
		element.classList.toggle("follows", entries[at - 1]?.message === previous && !newDay && !unread && !message.reply_to
			&& previous.author.id === message.author.id && new Date(message.at) - new Date(previous.at) < TOGETHER);
		if (unread) element.prepend(h("p.unread-mark", h("span", "New")));
		if (newDay) element.prepend(h("p.day", h("span", dayName(message.at))));
	}

	/** The line of thought under a message. */
	mind(message) {
		const { room, chat } = this;
		const element = this.#rows.get(message.seq);
		if (element) setMind(element, { ...room.runsOf(message), weighed: room.weighed?.id === message.id }, chat);
	}

	/** Shows the entries before the place `end`, and no others. */
	window(end) {
		for (const row of this.#rows.values()) row.remove();
		this.#rows.clear();
		for (const entry of this.room.entries.slice(Math.max(0, end - 2 * MORE), end).reverse()) this.place(entry);
		this.#beginning();
	}

	/** Lets go of old rows while new ones come in at the end. */
	prune() { if (this.size > KEPT + 20) this.#drop(this.#first, this.#last - KEPT); }

	/** Takes the rows of the entries [begin, end), which are at one of the two ends, off the page. */
	#drop(begin, end) {
		const { entries } = this.room;
		if (begin >= end) return;
		for (const { seq } of entries.slice(begin, end)) {
			this.#rows.get(seq)?.remove();
			this.#rows.delete(seq);
		}
		if (entries[begin].seq === this.#from) this.#from = entries[end].seq;
		else this.#to = entries[begin - 1].seq;
		this.#beginning();
	}

	/** More rows above, or below: what one looks at stays where it is, and what is far from it leaves. */
	async grow(below) {
		const { room, chat } = this;
		if (this.#growing || (below ? this.whole : room.complete && this.#first < 1)) return;
		this.#growing = true;
		await chat.app.attempt(async () => {
			if (!below && this.#first < 1) await room.loadOlder();
			if (room !== this.room) return;
			const { entries } = room;
			const fixed = this.#rows.get(below ? this.#to : this.#from);
			const top = fixed?.getBoundingClientRect().top;
			const at = below ? this.#last + 1 : this.#first;
			for (const entry of below ? entries.slice(at, at + MORE) : entries.slice(Math.max(0, at - MORE), at).reverse()) this.place(entry);
			if (below) this.#drop(this.#first, this.#last + 1 - 2 * KEPT);
			else this.#drop(this.#first + 2 * KEPT, this.#last + 1);
			this.#beginning();
			if (fixed) chat.scroller.scrollTop += fixed.getBoundingClientRect().top - top;
		}).finally(() => { this.#growing = false; });
	}

	#beginning() {
		const { room, chat } = this;
		chat.log.querySelector(".beginning")?.remove();
		if (!room.complete || this.#first > 0) return;
		chat.log.prepend(h("p.beginning", `This is the beginning of ${room.name}. `,
			room.role === "owner" ? h("button.link", { onclick: () => chat.app.people() }, "Invite somebody") : null));
	}
}
