/** `<aside-app>`: who this tab is, which rooms it follows, which one is open. Frames of the client go to their rooms. */

import { ApiError, Client } from "./client.js";
import { h, hue, showModal, template } from "./dom.js";
import { Room } from "./room.js";
import { address, forgetMe, loadMe, markRead, pointAt, readUpTo } from "./session.js";
import { problem, SAY } from "./words.js";
import { openPeople } from "./people.js";
import { openRoomForm } from "./fields.js";
import { shortcut } from "./keys.js";
import "./welcome.js";
import "./rooms.js";
import "./chat.js";
import "./mind.js";
import "./notice.js";
import "./agent.js";

const FRAMES = Object.getOwnPropertyNames(Room.prototype).filter((name) => name.startsWith("on_")).map((name) => name.slice(3));
const INFO_EVERY = 15_000;

class AsideApp extends HTMLElement {
	rooms = new Map();
	room = null;
	info = null;

	connectedCallback() {
		addEventListener("hashchange", () => this.#arrive());
		this.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#escape(event); });
		document.addEventListener("keydown", (event) => { if (this.chat && this.me && shortcut(event, this)) event.preventDefault(); });
		document.addEventListener("visibilitychange", () => {
			if (document.hidden) return;
			this.client?.wake();
			this.#read();
		});
		this.#start();
	}

	#start() {
		this.me = loadMe();
		if (!this.me || address().invite) this.#welcome();
		else this.#enter();
	}

	#welcome() {
		this.client?.close();
		const entered = ({ detail }) => {
			this.me = detail.me;
			this.#enter(detail.room);
		};
		this.replaceChildren(h("aside-welcome", { prop: { me: this.me }, onentered: entered }));
	}

	#enter(room = null) {
		this.client = new Client({ token: this.me.token, storage: localStorage });
		this.rooms = new Map();
		this.room = null;
		this.#wire();
		this.#layout();
		this.#load(room ?? address().room);
	}

	#layout() {
		[this.list, this.chat, this.mind, this.notice] = ["rooms", "chat", "mind", "notice"].map((part) => h(`aside-${part}`, { prop: { app: this } }));
		this.toasts = h("div.toasts", { role: "status", "aria-live": "polite" });
		this.replaceChildren(h("div.app", this.list, h("main.stage", { onclick: () => this.toggleRooms(false) }, this.notice, this.chat), this.mind), this.toasts);
		this.mindOpen = this.wide && localStorage.getItem("aside.mind") !== "closed";
		this.#askInfo();
	}

	#wire() {
		for (const type of FRAMES) {
			this.client.addEventListener(type, ({ detail }) => {
				this.rooms.get(detail.room)?.apply(detail);
				if (type === "draft_end" && !detail.room) for (const room of this.rooms.values()) room.apply(detail);
				if (type === "message") this.#read();
				if (type === "presence") this.#presence(detail);
			});
		}
		this.client.addEventListener("welcome", ({ detail }) => {
			for (const view of detail.rooms) this.rooms.get(view.room)?.welcome(view);
			this.list.render();
		});
		this.client.addEventListener("gone", ({ detail }) => this.#gone(detail.room));
		this.client.addEventListener("error", ({ detail }) => { if (!detail.client_id) this.toast(problem(detail)); });
		this.client.addEventListener("unauthorized", () => this.leaveTab());
	}

	async #load(wanted) {
		try {
			const { rooms } = await this.client.get("/rooms");
			rooms.forEach((view) => this.#follow(view));
			this.client.open();
			const room = this.rooms.get(wanted);
			if (wanted && !room) this.toast(SAY.noRoom);
			this.show(room ?? this.rooms.values().next().value ?? null);
		} catch (error) {
			if (error.status === 401) { this.leaveTab(); return; }
			this.toast(problem(error));
			setTimeout(() => this.#load(wanted), 3_000);
		}
	}

	#follow(view) {
		if (this.rooms.has(view.id)) return this.rooms.get(view.id);
		const room = new Room(view, this.client, this.me);
		this.rooms.set(room.id, room);
		for (const { id, role } of view.members) if (role !== "agent") hue(id); // in the order in which they came
		this.client.follow(room.id, view.seq);
		if (room.watching) this.client.watch(room.id, true);
		return room;
	}

	add(view) { this.show(this.#follow(view)); }

	show(room) {
		this.#read();
		this.room = room;
		pointAt(room?.id ?? null);
		this.#read();
		this.chat.show(room);
		this.mind.show(room);
		this.list.render();
		this.#showMind();
		this.classList.remove("rooms-open");
	}

	#arrive() {
		const { room, invite } = address();
		if (invite) this.#welcome();
		else if (room && room !== this.room?.id && this.rooms.has(room)) this.show(this.rooms.get(room));
	}

	async #presence({ room, member, state }) {
		const known = this.rooms.get(room);
		if (!known) return;
		if (state === "left" && member.id === this.me.id) {
			this.client.unfollow(room);
			this.#gone(room);
		} else if (member.role === "agent" && state !== "online" && state !== "offline") {
			const view = await this.client.get(`/rooms/${room}`).catch(() => null);
			if (view) known.setAgents(view.agents);
		}
		this.list.render();
	}

	#gone(id) {
		const room = this.rooms.get(id);
		if (!room) return;
		this.rooms.delete(id);
		this.toast(`You are not in ${room.name} any more.`);
		if (this.room === room) this.show(this.rooms.values().next().value ?? null);
		else this.list.render();
	}

	/** Marks the open room as read while somebody looks at its end. */
	#read() {
		if (this.room && !document.hidden && this.chat.atEnd) markRead(this.me, this.room.id, this.room.last);
		this.listing ??= setTimeout(() => {
			this.listing = null;
			this.list.render();
			document.title = `${[...this.rooms.values()].some((room) => this.unread(room)) ? "● " : ""}${this.room ? `${this.room.name} · ` : ""}Aside`;
		}, 100);
	}

	unread(room) { return (document.hidden || room !== this.room) && room.news > Math.max(0, readUpTo(this.me, room.id)); }

	async #askInfo() {
		try {
			this.info = await this.client.get("/info");
		} catch { this.info = null; } // the notice of being offline says enough
		this.notice.render();
		clearTimeout(this.infoTimer);
		this.infoTimer = setTimeout(() => this.#askInfo(), INFO_EVERY);
	}

	// -- what the parts ask for

	/** Whether the mind is a column of its own. */
	get wide() { return matchMedia("(min-width: 1100px)").matches; }
	get mindOpen() { return this.classList.contains("mind-open"); }
	set mindOpen(open) { this.classList.toggle("mind-open", open); }

	#showMind() {
		this.classList.toggle("has-mind", Boolean(this.room?.watching));
		this.chat.header();
	}

	toggleMind(open = !this.mindOpen) {
		this.mindOpen = open;
		localStorage.setItem("aside.mind", open ? "open" : "closed");
		this.chat.header();
		if (open) this.mind.focusFirst();
	}

	/** Opens the mind panel at a run. */
	openRun(id) {
		if (!this.mindOpen) this.toggleMind(true);
		this.mind.openRun(id);
	}

	toggleRooms(open) {
		if (open === this.classList.contains("rooms-open")) return;
		this.classList.toggle("rooms-open", open);
		this.querySelector(open ? ".room-item.open, .side" : "[aria-label=Rooms].icon-button")?.focus();
	}

	/** Closes what lies over the chat: the list of rooms, or the mind panel where it is not a column of its own. */
	#escape(event) {
		this.toggleRooms(false);
		if (this.mindOpen && event.target.closest(".mind") && !this.wide) this.toggleMind(false);
	}

	people() { openPeople(this); }

	newRoom() { return openRoomForm(this); }

	leaveTab() {
		forgetMe();
		pointAt(null);
		this.me = null;
		this.#welcome();
	}

	async confirm(question, yes) {
		const dialog = template("confirm");
		[dialog.querySelector("p").textContent, dialog.querySelector(".primary").textContent] = [question, yes];
		return (await showModal(dialog)) === "yes";
	}

	/** What comes of `work`; null where the server would not, which is said. */
	async attempt(work) {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof ApiError)) throw error;
			this.toast(problem(error));
			return null;
		}
	}

	/** `done`: whether it went out; if not, that is said. */
	sent(done) {
		if (!done) this.toast(SAY.notNow);
		return done;
	}

	toast(text) {
		for (const same of this.toasts.children) if (same.textContent === text) same.remove();
		const toast = h("div.toast", text);
		this.toasts.append(toast);
		setTimeout(() => toast.remove(), 7_000);
	}
}

customElements.define("aside-app", AsideApp);
