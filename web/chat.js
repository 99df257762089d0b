/** `<aside-chat>`: the open room: header, the log of messages, who is typing, the composer. */

import { button, h, icon } from "./dom.js";
import { emptyRoom, headOf, typists } from "./head.js";
import { messageElement, refresh, setMind } from "./message.js";
import { Toolbar } from "./toolbar.js";
import { ReplayBar } from "./replay.js";
import { Search } from "./search.js";
import { markRead, readUpTo } from "./session.js";
import { suggestionElement } from "./suggest.js";
import { dayName, problem, sameDay } from "./words.js";
import "./composer.js";

const NEAR = 80; // px from an end of the log that count as being there
const JUMP = 1_000; // ms that a smooth scroll may take
const KEPT = 200; // rows that stay when one is at the end of the log
const FEW = 200; // rows through which one can see a scroll pass
const TOGETHER = 5 * 60_000; // ms within which messages of one author stand together

class AsideChat extends HTMLElement {
	app = null;
	room = null;
	jumped = -JUMP;
	#off = null;
	#rows = new Map(); // seq -> element

	connectedCallback() {
		const { app } = this;
		this.head = h("header.chat-head");
		this.log = h("div.log", { role: "log", "aria-live": "polite", tabindex: 0, "aria-label": "Messages" });
		this.provisional = h("div.provisional");
		this.scroller = h("div.scroller", this.log, this.provisional);
		this.newer = button({ class: "newer", hidden: true, onclick: () => this.toEnd(true) }, icon("down"), "New messages");
		this.typing = h("p.typing", { "aria-live": "polite" });
		this.composer = Object.assign(document.createElement("aside-composer"), { app });
		this.toolbar = new Toolbar(this);
		this.search = new Search(this);
		this.replay = new ReplayBar(app);
		this.suggestions = h("div.suggestions");
		this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
		this.log.addEventListener("keydown", (event) => this.#key(event));
		app.client.addEventListener("outbox", ({ detail }) => { if (detail.room === this.room?.id) this.#provisional(); });
		const grown = new ResizeObserver(() => { if (this.atEnd) this.toEnd(); });
		[this.scroller, this.log].forEach((one) => grown.observe(one));
		this.header();
	}

	show(room) {
		this.#off?.abort();
		this.room = room;
		this.#rows.clear();
		this.from = Infinity; // seq of the first row
		this.log.replaceChildren();
		this.atEnd = true;
		this.header();
		this.replay.show(room);
		if (!room) { this.replaceChildren(this.head, emptyRoom(this.app)); return; }
		this.#off = new AbortController();
		const on = (type, f) => room.addEventListener(type, f, { signal: this.#off.signal });
		on("entry", ({ detail }) => this.#entry(detail.entry));
		on("changed", ({ detail }) => this.#changed(detail.id));
		on("members", () => { this.header(); this.#typists(); });
		on("agents", () => this.header());
		on("typing", () => this.#typists());
		on("drafts", () => this.#provisional());
		on("mind", ({ detail }) => this.#minds(detail));
		on("suggestions", () => this.#suggest());
		this.unreadAfter = readUpTo(this.app.me, room.id);
		this.search.open(false);
		this.replaceChildren(this.head, this.search.element, this.replay.element, h("div.log-frame", this.scroller, this.newer), this.typing, this.suggestions, this.composer);
		this.composer.show(room);
		this.#fill(room);
		this.#suggest();
		room.loadSuggestions().catch((error) => this.app.toast(problem(error)));
	}

	async #fill(room) {
		this.log.setAttribute("aria-busy", "true");
		try {
			if (!room.entries.length) await room.loadOlder();
		} catch (error) { this.app.toast(problem(error)); }
		if (room !== this.room) return;
		for (const entry of room.entries.slice(-KEPT)) if (!this.#rows.has(entry.seq)) this.#place(entry);
		this.#first();
		this.#provisional();
		this.#typists();
		this.#minds();
		this.log.querySelector(".unread-mark")?.scrollIntoView({ block: "center" });
		if (!this.log.querySelector(".unread-mark")) this.toEnd();
		markRead(this.app.me, room.id, room.last);
		this.log.setAttribute("aria-busy", "false");
	}

	header() { this.head.replaceChildren(...headOf(this)); }

	// -- the log

	#entry(entry) {
		const mine = entry.message?.author.id === this.app.me.id;
		const stick = this.atEnd || mine;
		this.#place(entry);
		if (entry.message && this.room.watching) this.#mindOf(entry.message);
		this.#provisional();
		if (stick) this.#stick();
		else this.newer.hidden = false;
	}

	#stick() {
		this.atEnd = true;
		this.sticking ??= requestAnimationFrame(() => { // once a frame
			this.sticking = null;
			if (!this.atEnd) return;
			this.#prune();
			this.toEnd();
		});
	}

	get #hidden() { return Math.max(0, this.room.log.indexOf(this.from)); }

	#prune() {
		const { entries } = this.room;
		if (this.#rows.size <= KEPT * 1.5) return;
		const first = this.#hidden;
		const last = Math.min(first + KEPT, entries.length - KEPT);
		for (const { seq } of entries.slice(first, last)) {
			this.#rows.get(seq)?.remove();
			this.#rows.delete(seq);
		}
		this.from = entries[last].seq;
		this.#first();
	}

	#place(entry) {
		const { entries } = this.room;
		const at = this.room.log.indexOf(entry.seq);
		const element = entry.message ? messageElement(entry.message, this) : h("p.line", h("span", entry.line));
		this.#rows.set(entry.seq, element);
		this.from = Math.min(this.from, entry.seq);
		let after = at + 1;
		while (after < entries.length && !this.#rows.has(entries[after].seq)) after += 1;
		this.log.insertBefore(element, this.#rows.get(entries[after]?.seq) ?? null);
		this.#context(at);
		if (entries[at + 1] && this.#rows.has(entries[at + 1].seq)) this.#context(at + 1);
	}

	#context(at) {
		const { entries } = this.room;
		const { seq, message } = entries[at];
		if (!message) return;
		const element = this.#rows.get(seq);
		element.querySelectorAll(":scope > .day, :scope > .unread-mark").forEach((mark) => mark.remove());
		const previous = entries.slice(Math.max(0, at - 20), at).findLast((e) => e.message)?.message;
		const newDay = !previous || !sameDay(previous.at, message.at);
		const mine = message.author.id === this.app.me.id;
		const unread = this.unreadAfter >= 0 && seq > this.unreadAfter && at > 0 && entries[at - 1].seq <= this.unreadAfter && !mine;
		element.classList.toggle("follows", entries[at - 1]?.message === previous && !newDay && !unread && !message.reply_to
			&& previous.author.id === message.author.id && new Date(message.at) - new Date(previous.at) < TOGETHER);
		if (unread) element.prepend(h("p.unread-mark", h("span", "New")));
		if (newDay) element.prepend(h("p.day", h("span", dayName(message.at))));
	}

	#changed(id) {
		const message = this.room.messages.get(id);
		refresh(this.#rows.get(message.seq), message, this);
		if (this.atEnd) this.#stick();
	}

	#first() {
		this.log.querySelector(".beginning")?.remove();
		if (this.room.complete && !this.#hidden) {
			this.log.prepend(h("p.beginning", `This is the beginning of ${this.room.name}. `,
				this.room.role === "owner" ? button({ class: "link", onclick: () => this.app.people() }, "Invite somebody") : null));
		}
	}

	async #scrolled() {
		const { scrollTop, scrollHeight, clientHeight } = this.scroller;
		const left = scrollHeight - scrollTop - clientHeight;
		if (scrollTop < this.top && left > 4) this.atEnd = false;
		else if (left < NEAR && performance.now() - this.jumped > JUMP) this.atEnd = true;
		this.top = scrollTop;
		if (this.atEnd) {
			this.newer.hidden = true;
			markRead(this.app.me, this.room.id, this.room.last);
		}
		if (scrollTop > NEAR * 3 || (this.room.complete && !this.#hidden) || this.older) return;
		const at = this.#hidden;
		await this.#prepend((room) => (at ? room.entries.slice(Math.max(0, at - KEPT / 4), at) : room.loadOlder()));
	}

	async #prepend(load) {
		const { room } = this;
		this.older = true;
		try {
			const anchor = this.log.querySelector(".message");
			const top = anchor?.getBoundingClientRect().top;
			const added = await load(room);
			if (room !== this.room) return;
			for (const entry of added.reverse()) this.#place(entry);
			this.#first();
			if (room.watching) for (const { message } of added) if (message) this.#mindOf(message);
			if (anchor) this.scroller.scrollTop += anchor.getBoundingClientRect().top - top;
		} catch (error) { this.app.toast(problem(error)); } finally { this.older = false; }
	}

	/** Scrolls to a message of this room, which may be further back than what is loaded. */
	async goTo({ id, seq }) {
		if (!this.rowOf(id)) {
			await this.#prepend(async (room) => {
				await room.loadBackTo(seq);
				return room.entries.slice(Math.max(0, room.log.indexOf(room.messageBefore(seq)?.seq ?? -1)), this.#hidden);
			});
		}
		this.jump(id);
	}

	toEnd(smooth = false) {
		this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
		this.atEnd = true;
		this.newer.hidden = true;
	}

	/** Scrolls to a message and lights it up for a moment; false where it is not loaded. */
	jump(id) {
		const element = this.rowOf(id);
		if (!element) { this.app.toast("That message is further back than what is loaded."); return false; }
		this.atEnd = false;
		this.jumped = performance.now();
		element.scrollIntoView({ block: "center", behavior: this.#rows.size > FEW ? "instant" : "smooth" });
		if (this.#rows.size > FEW) requestAnimationFrame(() => element.scrollIntoView({ block: "center" }));
		element.focus({ preventScroll: true });
		element.classList.remove("flash");
		requestAnimationFrame(() => element.classList.add("flash"));
		return true;
	}

	rowOf(id) {
		const message = this.room?.messages.get(id);
		return message ? this.#rows.get(message.seq) : undefined;
	}

	highlight(ids, on) {
		for (const id of ids) {
			this.rowOf(id)?.classList.toggle("stimulus", on);
			for (const source of this.app.mind.querySelectorAll(`[data-source="${CSS.escape(id)}"]`)) source.classList.toggle("lit", on);
		}
	}

	#key(event) {
		const plain = !event.ctrlKey && !event.metaKey && !event.altKey && event.target.matches(".message");
		if (plain && this.toolbar.press(event.key)) { event.preventDefault(); return; }
		if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key) || event.target.closest("input, textarea")) return;
		const rows = [...this.log.querySelectorAll(".message")];
		const at = rows.indexOf(document.activeElement.closest(".message"));
		const to = { ArrowUp: at < 0 ? rows.length - 1 : at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
		if (!rows[to]) return;
		event.preventDefault();
		rows[to].focus();
	}

	// -- what is not in the log yet

	#provisional() {
		const { app, room } = this;
		const drafts = [...room.drafts.values()].map(({ author, text }) => messageElement({ author, text, draft: true }, this));
		const pending = app.client.outbox.filter((m) => m.room === room.id).map((item) => messageElement({
			author: { ...app.me, kind: "human" }, text: item.text, at: item.at, reply_to: item.reply_to, pending: item,
		}, this));
		this.provisional.replaceChildren(...drafts, ...pending);
		if (this.atEnd) this.#stick();
	}

	#suggest() {
		const { room } = this;
		const there = new Map([...this.suggestions.children].map((one) => [one.dataset.run, one]));
		this.suggestions.replaceChildren(...[...room.suggestions.values()].map((one) => there.get(one.run) ?? suggestionElement(this.app, room, one)));
	}

	#typists() { this.typing.replaceChildren(...typists(this.room)); }

	// -- the line of thought under a message

	#minds({ run: runId, message, thought } = {}) {
		const { room } = this;
		if (!room.watching || thought) return;
		const run = runId && room.runs.get(runId);
		if (runId && !run) return;
		const which = run ? [room.messageBefore(run.trigger.seq), room.messages.get(run.message)] : message ? [room.messages.get(message)] : room.messages.values();
		for (const one of which) if (one) this.#mindOf(one);
		if (this.atEnd) this.#stick();
	}

	#mindOf(message) {
		const element = this.#rows.get(message.seq);
		if (element) setMind(element, { ...this.room.runsOf(message), weighed: this.room.weighed?.id === message.id }, this);
	}
}

customElements.define("aside-chat", AsideChat);
