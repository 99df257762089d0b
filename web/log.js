/** The entries of a room in the order of their `seq`: {seq, message} or {seq, line}. No event is twice in it. */

export class Log {
	entries = [];
	messages = new Map(); // id -> message

	/** The entry, or null where it was there already. */
	add(entry) {
		if (entry.message && this.messages.has(entry.message.id)) return null;
		const place = this.#after(entry.seq);
		if (this.entries[place - 1]?.seq === entry.seq) return null;
		if (entry.message) this.messages.set(entry.message.id, entry.message);
		this.entries.splice(place, 0, entry);
		return entry;
	}

	/** The place behind the last entry that is not after `seq`. */
	#after(seq) {
		let [low, high] = [0, this.entries.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.entries[middle].seq <= seq) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** Where the event `seq` stands; -1 where it is not loaded. */
	indexOf(seq) {
		const at = this.#after(seq) - 1;
		return this.entries[at]?.seq === seq ? at : -1;
	}

	/** The last message that is not after `seq`, or null: the one that set off a run whose trigger this is. */
	messageBefore(seq) {
		for (let i = this.#after(seq) - 1; i >= 0; i -= 1) if (this.entries[i].message) return this.entries[i].message;
		return null;
	}

	/** The seq of the first message after the one at `seq`; null where it is the last. */
	nextMessage(seq) {
		let next = this.indexOf(seq) + 1;
		while (next < this.entries.length && !this.entries[next].message) next += 1;
		return this.entries[next]?.seq ?? null;
	}
}
