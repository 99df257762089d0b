/** `<aside-chat>`: the open room: header, the log of messages, who is typing, the composer. */

import { h, redraw, template } from "./dom.js";
import { emptyRoom, headOf, typists } from "./head.js";
import { messageElement, refresh } from "./message.js";
import { Toolbar } from "./toolbar.js";
import { ReplayBar } from "./replay.js";
import { suggestionElement } from "./review.js";
import { KEPT, MORE, Rows } from "./rows.js";
import { Search } from "./search.js";
import { markRead, readUpTo } from "./session.js";
import "./composer.js";
import { SAY } from "./words.js";

const NEAR = 80; // px from an end of the log that count as being there
const JUMP = 1_000; // ms that a smooth scroll may take

class AsideChat extends HTMLElement {
	app = null;
	room = null;
	jumped = -JUMP;
	#off = null;

	connectedCallback() {
		const { app } = this;
		[this.head, this.frame, this.scroller, this.log, this.provisional, this.newer, this.typing, this.suggestions] = template("chat")
			.querySelectorAll("header, div, button, p");
		this.newer.onclick = () => this.toEnd(true);
		this.rows = new Rows(this);
		this.composer = h("aside-composer", { prop: { app } });
		this.toolbar = new Toolbar(this);
		this.search = new Search(this);
		this.replay = new ReplayBar(app);
		this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
		this.log.addEventListener("keydown", (event) => this.#key(event));
		app.client.addEventListener("outbox", ({ detail }) => { if (detail.room === this.room?.id) this.#provisional(); });
		const grown = new ResizeObserver(() => {
			if (this.rows.size && this.atEnd) this.toEnd();
			requestAnimationFrame(() => this.rows.size && this.#scrolled()); // may bring in rows
		});
		[this.scroller, this.log].forEach((one) => grown.observe(one));
		this.header();
	}

	show(room) {
		this.#off?.abort();
		this.room = room;
		this.rows.show(room);
		Object.assign(this, { top: 0, fresh: false }); // fresh: whether there is something new below
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
		this.replaceChildren(this.head, this.search.element, this.replay.element, this.frame, this.typing, this.suggestions, this.composer);
		this.composer.show(room);
		this.#fill(room);
		this.#suggest();
		this.app.attempt(() => room.loadSuggestions());
	}

	async #fill(room) {
		this.log.setAttribute("aria-busy", "true");
		await this.app.attempt(async () => {
			if (room.messages.size < MORE) await room.loadOlder();
			const mine = room.entries.findLast((e) => e.message?.author.id === this.app.me.id)?.seq ?? 0; // who wrote has read
			if (this.unreadAfter >= 0) this.unreadAfter = Math.max(this.unreadAfter, mine);
			const unread = room.last - this.unreadAfter;
			if (this.unreadAfter >= 0 && unread > MORE && unread < 2 * KEPT) await room.loadOlder(2 * KEPT);
		});
		if (room !== this.room) return;
		const { entries } = room;
		const unread = this.unreadAfter < 0 ? -1 : entries.findIndex((e) => e.seq > this.unreadAfter);
		this.rows.window(unread < (room.complete ? 0 : 1) ? entries.length : unread + MORE);
		this.#provisional();
		this.#typists();
		const mark = this.log.querySelector(".unread-mark");
		this.atEnd = !mark;
		if (mark) mark.scrollIntoView({ block: "center" });
		else this.toEnd();
		markRead(this.app.me, room.id, room.last);
		this.log.setAttribute("aria-busy", "false");
	}

	header() { redraw(this.head, headOf(this)); }

	// -- the log

	#entry(entry) {
		const { entries } = this.room;
		const mine = entry.message?.author.id === this.app.me.id;
		const stick = this.atEnd || mine;
		const next = entries[this.room.log.indexOf(entry.seq) - 1];
		if (!next || (this.rows.of(next.seq) && (stick || this.rows.size < 2 * KEPT))) this.rows.place(entry);
		this.#provisional();
		if (stick) this.#stick();
		else { this.fresh = true; this.#newer(); }
	}

	#stick() {
		this.atEnd = true;
		this.sticking ??= requestAnimationFrame(() => { // once a frame
			this.sticking = null;
			if (!this.atEnd) return;
			this.rows.prune();
			this.toEnd();
		});
	}

	#newer(left = Infinity) {
		this.newer.hidden = this.atEnd || (!this.fresh && this.rows.whole && left < 2 * this.scroller.clientHeight);
		this.newer.lastChild.textContent = this.fresh ? "New messages" : "To the newest";
	}

	#changed(id) {
		const message = this.room.messages.get(id);
		const row = this.rows.of(message.seq);
		if (row) refresh(row, message, this);
		if (this.atEnd) this.#stick();
	}

	#scrolled() {
		const { scrollTop, scrollHeight, clientHeight } = this.scroller;
		const left = scrollHeight - scrollTop - clientHeight;
		if (scrollTop < this.top && left > 4) this.atEnd = false;
		else if (left < NEAR && this.rows.whole && performance.now() - this.jumped > JUMP) this.atEnd = true;
		this.top = scrollTop;
		if (this.atEnd) {
			this.fresh = false;
			markRead(this.app.me, this.room.id, this.room.last);
		}
		this.#newer(left);
		if (scrollTop < NEAR * 3) this.rows.grow(false);
		else if (left < NEAR * 3) this.rows.grow(true);
	}

	toEnd(smooth = false) {
		if (!this.rows.whole) this.rows.window(this.room.entries.length);
		this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
		this.atEnd = true;
		this.fresh = false;
		this.#newer();
	}

	/** Scrolls to a message of this room, however far back, and lights it up for a moment. */
	async jump(id) {
		const { room } = this;
		await this.app.attempt(() => room.loadBackTo(id));
		if (room !== this.room) return;
		const message = room.messages.get(id);
		if (!message) { this.app.toast(SAY.back); return; }
		const near = this.rowOf(id);
		if (!near) this.rows.window(room.log.indexOf(message.seq) + MORE);
		const element = this.rowOf(id);
		this.atEnd = false;
		this.jumped = performance.now();
		element.scrollIntoView({ block: "center", behavior: near && this.rows.size < KEPT ? "smooth" : "instant" });
		element.focus({ preventScroll: true });
		element.classList.remove("flash");
		requestAnimationFrame(() => {
			if (!near || this.rows.size >= KEPT) element.scrollIntoView({ block: "center" }); // now that the rows around it have their sizes
			element.classList.add("flash");
		});
	}

	rowOf(id) {
		const message = this.room?.messages.get(id);
		return message && this.rows.of(message.seq);
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
		const which = run ? [room.log.messageBefore(run.trigger.seq), room.messages.get(run.message)] : message ? [room.messages.get(message)]
			: this.rows.messages;
		for (const one of which) if (one) this.rows.mind(one);
		if (this.atEnd) this.#stick();
	}
}

customElements.define("aside-chat", AsideChat);
