/** Reference client of the Aside protocol: REST under /api/v1 and a websocket at /ws. Use and promises: docs/clients.md. */

import { Outbox } from "./outbox.js";
import { call } from "./rest.js";

export { ApiError } from "./rest.js";

const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;
const BACKOFF_FIRST = 500;
const BACKOFF_MAX = 20_000;
const RETRY_REFUSED = 2_000;

export class Client extends EventTarget {
	#base; #token; #outbox; #socket = null; #tries = 0; #retry = 0; #ping = 0; #pong = 0; #again = 0; #closed = true; #entered = false;
	#seen = new Map(); // room -> seq of the last event delivered
	#live = new Set(); // rooms whose replay is over on this connection
	#asked = new Set(); // not welcomed yet
	#watched = new Set();

	/** `base`: where the service is, default this page's origin. `storage`: keeps the outbox over a reload of the page. */
	constructor({ token, base = new URL("/", globalThis.location), storage = null }) {
		super();
		this.#token = token;
		this.#base = new URL(base);
		this.#outbox = new Outbox(storage, `aside.outbox.${token.slice(-8)}.`, (room) => this.#emit("outbox", { room }));
		this.status = "offline";
		this.wake = this.wake.bind(this);
	}

	/** Messages not acknowledged yet, oldest first: {room, client_id, text, reply_to, at, error: ErrorView | null}. */
	get outbox() { return this.#outbox.items; }

	/** Makes a user. Resolves to {id, name, token}; the token is shown only here. */
	static register(name, base = new URL("/", globalThis.location)) {
		return call(base, "POST", "/users", { body: { name } });
	}

	get(path) { return this.#call("GET", path); }
	post(path, body = {}) { return this.#call("POST", path, body); }
	put(path, body) { return this.#call("PUT", path, body); }
	patch(path, body) { return this.#call("PATCH", path, body); }
	delete(path) { return this.#call("DELETE", path); }
	#call(method, path, body) { return call(this.#base, method, path, { body, token: this.#token }); }

	// -- connection

	/** Connects, and stays connected until `close()`. */
	open() {
		if (!this.#closed) return;
		this.#closed = false;
		globalThis.addEventListener?.("online", this.wake);
		this.#connect();
	}

	close() {
		this.#closed = true;
		globalThis.removeEventListener?.("online", this.wake);
		clearTimeout(this.#retry);
		this.#drop();
		this.#say("offline");
	}

	/** Tries to connect now instead of at the end of the backoff. Harmless when connected. */
	wake() {
		if (this.#closed || this.#socket) return;
		clearTimeout(this.#retry);
		this.#connect();
	}

	follow(room, after) {
		if (this.#seen.has(room)) return;
		this.#seen.set(room, after);
		this.#hello([room]);
	}

	unfollow(room) {
		this.#seen.delete(room);
		this.#watched.delete(room);
		this.#live.delete(room);
	}

	/** Whether what comes of `room` now happens now, and is not replayed. */
	isLive(room) { return this.#live.has(room); }

	#connect() {
		this.#say("connecting");
		const url = new URL("ws", this.#base);
		url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
		const socket = new WebSocket(url);
		this.#socket = socket;
		socket.onopen = () => this.#enter(socket);
		socket.onmessage = (event) => { if (socket === this.#socket) this.#receive(JSON.parse(event.data)); };
		socket.onclose = () => { if (socket === this.#socket) this.#lost(); };
	}

	async #enter(socket) {
		let ticket;
		try {
			({ ticket } = await this.post("/tickets"));
		} catch (error) {
			if (socket !== this.#socket) return;
			if (error.status === 401) this.#unknown();
			else this.#lost();
			return;
		}
		if (socket !== this.#socket) return;
		this.#entered = true;
		this.#hello([...this.#seen.keys()], { ticket });
	}

	/** The first on a connection opens it; later ones add rooms, or ask for one again from where it was lost. */
	#hello(rooms, key = {}) {
		if (!this.#entered) return;
		const resumes = rooms.map((room) => ({ room, after: this.#seen.get(room) }));
		if (!this.#transmit({ type: "hello", ...key, rooms: resumes })) return;
		for (const room of rooms) {
			this.#live.delete(room);
			this.#asked.add(room);
		}
	}

	#drop() {
		const socket = this.#socket;
		this.#socket = null;
		this.#entered = false;
		this.#live.clear();
		this.#asked.clear();
		this.#outbox.dropConnection();
		[this.#ping, this.#pong, this.#again].forEach(clearTimeout);
		socket?.close();
	}

	/** The token is not known, or not any more. */
	#unknown() {
		this.close();
		this.#emit("unauthorized", {});
	}

	/** Tries again in a while. */
	#lost() {
		this.#drop();
		if (this.#closed) return;
		const ceiling = Math.min(BACKOFF_MAX, BACKOFF_FIRST * 2 ** this.#tries++);
		const delay = ceiling * (0.5 + Math.random() / 2);
		this.#retry = setTimeout(() => this.#connect(), delay);
		this.#say("offline", Date.now() + delay);
	}

	#say(state, retryAt = null) {
		this.status = state;
		this.#emit("status", { state, retryAt });
	}

	#heartbeat() {
		clearTimeout(this.#ping);
		this.#ping = setTimeout(() => {
			this.#transmit({ type: "ping" });
			this.#pong = setTimeout(() => this.#lost(), PONG_WITHIN);
		}, PING_EVERY);
	}

	// -- frames that come in

	#receive(frame) {
		clearTimeout(this.#pong);
		this.#heartbeat();
		if (frame.type === "pong") return;
		if (frame.type === "resync") { this.#hello([frame.room]); return; }
		if (frame.type === "error" && frame.code === "unauthorized") { this.#unknown(); return; }
		if (typeof frame.seq === "number" && "room" in frame && frame.type !== "ack" && !this.#inOrder(frame)) return;
		if (frame.type === "ack") this.#settle(frame.client_id);
		if (frame.type === "error" && frame.client_id) this.#refused(frame);
		this.#emit(frame.type, frame);
		if (frame.type === "welcome") this.#welcomed(frame.rooms.map((r) => r.room));
		if (frame.type === "live") this.#isLive(frame.room);
	}

	#welcomed(rooms) {
		const gone = [...this.#asked].filter((room) => !rooms.includes(room));
		this.#asked.clear();
		this.#tries = 0;
		if (this.status !== "online") this.#say("online");
		for (const room of gone) {
			this.unfollow(room);
			this.#emit("gone", { room });
		}
	}

	/** Whether to deliver. While the log is replayed the server knows best; once live, a gap means that frames were lost. */
	#inOrder({ type, room, seq }) {
		const seen = this.#seen.get(room);
		if (seen === undefined || this.#asked.has(room)) return false;
		if (type === "live") { this.#seen.set(room, Math.max(seen, seq)); return true; }
		if (seq <= seen) return false;
		if (this.#live.has(room) && seq > seen + 1) { this.#hello([room]); return false; }
		this.#seen.set(room, seq);
		return true;
	}

	#isLive(room) {
		this.#live.add(room);
		if (this.#watched.has(room)) this.#transmit({ type: "watch", room, on: true });
		this.#flush();
	}

	// -- frames that go out

	/** Puts a message in the outbox and sends it as soon as the room is live. Returns its `client_id`. */
	send(room, text, replyTo = null) {
		const id = this.#outbox.add(room, text, replyTo);
		this.#flush();
		return id;
	}

	sendAgain(clientId) {
		this.#outbox.mark(clientId, null);
		this.#flush();
	}

	discard(clientId) { this.#settle(clientId); }

	/** These are not kept: false when the room is not live now. */
	typing(room, on) { return this.#now({ type: "typing", room, on }); }
	/** Other words for a message of one's own; none at all (an owner may take back anybody's). */
	edit(room, id, text) { return this.#now({ type: "edit", room, id, text }); }
	remove(room, id) { return this.#now({ type: "delete", room, id }); }
	react(room, id, emoji, on) { return this.#now({ type: "react", room, id, emoji, on }); }

	/** Asks for thoughts and decisions of `room` (owners and observers); asked again after each reconnection. */
	watch(room, on) {
		if (on) this.#watched.add(room);
		else this.#watched.delete(room);
		return this.#now({ type: "watch", room, on });
	}

	#now(frame) { return this.#live.has(frame.room) && this.#transmit(frame); }

	#flush() {
		this.#outbox.flush(this.#live, ({ room, client_id, text, reply_to }) => this.#transmit({ type: "send", room, client_id, text, reply_to }));
	}

	#settle(clientId) {
		this.#outbox.settle(clientId);
		this.#flush();
	}

	#refused({ client_id, code, detail, field, value }) {
		if (code === "too_many" || code === "unavailable") { // stays in flight: nothing overtakes it
			const item = this.#outbox.find(client_id);
			this.#again = setTimeout(() => { if (item) this.#outbox.free(item); this.#flush(); }, RETRY_REFUSED * (0.5 + Math.random()));
			return;
		}
		this.#outbox.mark(client_id, { code, detail, field, value });
		this.#flush();
	}

	#transmit(frame) {
		if (this.#socket?.readyState !== WebSocket.OPEN) return false;
		this.#socket.send(JSON.stringify(frame));
		return true;
	}

	#emit(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
