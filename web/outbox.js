/**
 * Messages on their way: each waits here until it is acknowledged or refused, and a room's go out one after the other. With a
 * `storage` they outlive the page, one entry for each, so that pages which share it do not overwrite each other's.
 */

export class Outbox {
	#storage; #prefix; #changed;
	#inFlight = new Map(); // room -> the client_id that was sent on this connection and not answered yet

	/** `changed(room)` is called after each change. */
	constructor(storage, prefix, changed) {
		this.#storage = storage;
		this.#prefix = prefix;
		this.#changed = changed;
		/** Oldest first: {room, client_id, text, reply_to, at, error: ErrorView | null}. */
		this.items = Object.keys(storage ?? {}).filter((key) => key.startsWith(prefix))
			.map((key) => JSON.parse(storage.getItem(key))).sort((a, b) => (a.at < b.at ? -1 : 1));
	}

	/** Returns the `client_id` under which the message is sent, however often. */
	add(room, text, replyTo) {
		const item = { room, client_id: newId(), text, reply_to: replyTo, at: new Date().toISOString(), error: null };
		this.items.push(item);
		this.#keep(item);
		return item.client_id;
	}

	find(clientId) { return this.items.find((m) => m.client_id === clientId); }

	/** The message is stored, or not wanted any more. */
	settle(clientId) {
		const item = this.find(clientId);
		if (!item) return;
		this.free(item);
		this.items = this.items.filter((m) => m !== item);
		this.#storage?.removeItem(this.#prefix + clientId);
		this.#changed(item.room);
	}

	/** `error`: why the server does not take it; null to try again. */
	mark(clientId, error) {
		const item = this.find(clientId);
		if (!item) return;
		item.error = error;
		this.free(item);
		this.#keep(item);
	}

	/** Lets the next message of the room go out, or this one again. */
	free({ room, client_id: id }) { if (this.#inFlight.get(room) === id) this.#inFlight.delete(room); }
	dropConnection() { this.#inFlight.clear(); }

	/** Hands `transmit` the oldest message of each room that `live` names; it says whether the message went out. */
	flush(live, transmit) {
		const waiting = new Set();
		for (const item of this.items) {
			if (item.error || waiting.has(item.room)) continue;
			waiting.add(item.room);
			if (live.has(item.room) && !this.#inFlight.has(item.room) && transmit(item)) this.#inFlight.set(item.room, item.client_id);
		}
	}

	#keep(item) {
		this.#storage?.setItem(this.#prefix + item.client_id, JSON.stringify(item));
		this.#changed(item.room);
	}
}

/** crypto.randomUUID exists on secure origins only, and a chat on the local network is not one. */
function newId() {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
