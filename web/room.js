/**
 * One room as this page knows it: a log of messages and presence lines, who is here, what the agent thinks.
 * Frames go in through `apply`, changes come out as events, and no element is touched here.
 *
 * Events (CustomEvent): `entry` {entry}, `changed` {id} (a message's words or reactions), `members`, `typing`,
 * `drafts`, `mind` {run}, {message} or {thought} (what changed; else all), `agents`, `suggestions`.
 */

import { Log } from "./log.js";

const TYPING_LASTS = 7_000;
const THINKING_LASTS = 60_000; // the longest that a model may take, unless a setting says otherwise
const PAGE = 50;
const FAR = 500; // messages a page, on the way to one far back

export class Room extends EventTarget {
	/** `view`: a RoomView of the wire. */
	constructor(view, client, me) {
		super();
		Object.assign(this, { id: view.id, name: view.name, role: view.role, agents: view.agents, notice: view.notice, client, me });
		this.members = new Map(view.members.map((m) => [m.id, m]));
		this.log = new Log();
		this.last = view.seq;
		this.news = view.seq; // of the last message by somebody else
		this.typing = new Map(); // user -> timer
		this.drafts = new Map(); // draft -> {author, text}
		this.runs = new Map(); // id -> run
		this.thoughts = new Map(); // id -> thought
		this.weighed = null; // the message whose decision, or answer, is due
		this.complete = false; // whether the first message of the room is loaded
		this.olderRuns = null; // where the next page of runs begins
		this.unsent = ""; // what is in the composer
		this.suggestions = new Map(); // run -> what an agent would say, still to be answered
		this.flips = new Map(); // run -> how it would be decided on the bench
		this.#setOff = new Map(); // seq of a trigger -> runs, oldest first
		this.#saidBy = new Map(); // message id -> run
		this.#start = view.seq + 1;
	}

	#start;
	#setOff;
	#saidBy;
	#loading = null;
	#timer = 0;

	get entries() { return this.log.entries; }
	get messages() { return this.log.messages; }
	get path() { return `/rooms/${this.id}`; }
	get watching() { return this.role === "owner" || this.role === "observer"; }

	nameOf(id) { return this.members.get(id)?.name ?? this.agents.find((a) => a.id === id)?.name ?? "somebody"; }

	// -- history

	/** Loads the page of messages before the oldest one known. Resolves to the new entries. */
	loadOlder(limit = PAGE) {
		if (this.complete) return Promise.resolve([]);
		this.#loading ??= this.#older(limit).finally(() => { this.#loading = null; });
		return this.#loading;
	}

	/** Loads history until the message `id` is there, or all of it. */
	async loadBackTo(id) {
		while (!this.complete && !this.messages.has(id)) await this.loadOlder(FAR);
	}

	async #older(limit) {
		const before = this.entries.length ? Math.min(this.#start, this.entries[0].seq) : this.#start;
		const { messages, next } = await this.client.get(`${this.path}/messages?before=${before}&limit=${limit}`);
		if (next === null) this.complete = true;
		if (messages.length) this.#start = Math.min(...messages.map((m) => m.seq));
		return messages.map((message) => this.log.add({ seq: message.seq, message })).filter(Boolean);
	}

	/** Loads the thought log: newest runs (or the page after those known) and the reservoir. */
	async loadMind({ more = false } = {}) {
		const before = more && this.olderRuns ? `&before=${encodeURIComponent(this.olderRuns)}` : "";
		const [page, reservoir] = await Promise.all([
			this.client.get(`${this.path}/runs?limit=${PAGE}${before}`),
			more ? { thoughts: [] } : this.client.get(`${this.path}/thoughts`),
		]);
		this.olderRuns = page.next;
		for (const run of page.runs) if (!this.runs.has(run.id)) this.#addRun(run);
		for (const thought of reservoir.thoughts) this.thoughts.set(thought.id, thought);
		this.#emit("mind");
	}

	// -- frames

	/** Does what the method says that is named after the frame. */
	apply(frame) {
		if (typeof frame.seq === "number") this.last = Math.max(this.last, frame.seq);
		this[`on_${frame.type}`](frame);
	}

	on_live() {}
	on_suggestion({ suggestion }) { this.suggested(suggestion); }
	on_quiet({ agent, quiet }) { this.setAgents(this.agents.map((a) => (a.id === agent ? { ...a, quiet } : a))); }
	on_typing({ user, on }) { this.#setTyping(user, on); }

	welcome({ members }) {
		this.members = new Map(members.map((m) => [m.id, m]));
		this.role = this.members.get(this.me.id)?.role ?? this.role;
		this.drafts.clear();
		this.#emit("drafts");
		this.#emit("members");
	}

	on_message({ message }) {
		this.#setTyping(message.author.id, false);
		if (message.author.id !== this.me.id) this.news = message.seq;
		const entry = this.log.add({ seq: message.seq, message });
		const human = message.author.kind === "human";
		if (entry && this.client.isLive(this.id) && (human || message.reply_to === this.weighed?.id)) this.#weigh(human ? message : null);
		if (entry) this.#emit("entry", { entry });
	}

	#weigh(message) {
		const before = this.weighed;
		clearTimeout(this.#timer);
		this.weighed = this.watching && this.agents.length ? message : null;
		if (this.weighed) this.#timer = setTimeout(() => this.#weigh(null), THINKING_LASTS);
		if (before) this.#emit("mind", { message: before.id });
	}

	on_reaction({ id, user, emoji, on }) {
		const had = this.messages.get(id)?.reactions ?? [];
		const all = had.some((r) => r.emoji === emoji) ? had : [...had, { emoji, users: [] }];
		const without = (users) => users.filter((u) => u !== user);
		const reactions = all.map((r) => (r.emoji === emoji ? { emoji, users: without(r.users).concat(on ? [user] : []) } : r));
		this.#change(id, { reactions: reactions.filter((r) => r.users.length) });
	}

	/** `text` is null where something later in the log took its place. */
	on_edited({ id, text, at }) {
		if (text !== null) this.#change(id, { text, edited_at: at });
	}

	on_deleted({ id, at }) {
		for (const thought of this.thoughts.values()) if (thought.stimuli.includes(id)) thought.text = "";
		this.#change(id, { text: "", deleted_at: at, reactions: [] });
	}

	#change(id, fields) {
		if (!this.messages.has(id)) return;
		Object.assign(this.messages.get(id), fields);
		this.#emit("changed", { id });
	}

	on_presence({ seq, member, state }) {
		if (state === "left") this.members.delete(member.id);
		else this.members.set(member.id, { ...member, online: state === "offline" ? false : state === "online" || member.online });
		if (state === "offline" || state === "left") this.#setTyping(member.id, false);
		if (seq !== null && seq !== undefined) {
			const entry = this.log.add({ seq, line: `${member.name} ${state === "joined" ? "joined" : "left"}` });
			if (entry) this.#emit("entry", { entry });
		}
		this.#emit("members");
	}

	#setTyping(user, on) {
		if (!on && !this.typing.has(user)) return;
		clearTimeout(this.typing.get(user));
		this.typing.delete(user);
		if (on && user !== this.me.id) this.typing.set(user, setTimeout(() => this.#setTyping(user, false), TYPING_LASTS));
		this.#emit("typing");
	}

	on_draft({ draft, author, delta }) {
		const text = (this.drafts.get(draft)?.text ?? "") + delta;
		this.drafts.set(draft, { author, text });
		this.#emit("drafts");
	}

	on_draft_end({ draft }) {
		this.drafts.delete(draft);
		this.#emit("drafts");
	}

	on_thought({ thought }) {
		this.thoughts.set(thought.id, thought);
		this.#emit("mind", { thought: thought.id });
	}

	on_decision({ run }) {
		this.#addRun(run);
		if (this.weighed && run.trigger.seq >= this.weighed.seq) this.#weigh(null);
		this.#emit("mind", { run: run.id });
	}

	/** A thought as a run saw it is older than the same thought in the reservoir, so it does not replace it. */
	#addRun(run) {
		const others = (this.#setOff.get(run.trigger.seq) ?? []).filter((r) => r.id !== run.id);
		this.#setOff.set(run.trigger.seq, [...others, run].sort((a, b) => (a.at < b.at ? -1 : 1)));
		if (run.message) this.#saidBy.set(run.message, run);
		this.runs.set(run.id, run);
		for (const thought of run.thoughts) if (!this.thoughts.has(thought.id)) this.thoughts.set(thought.id, thought);
	}

	// -- what is asked of it

	/** Runs, newest first. */
	runsByTime() { return [...this.runs.values()].sort((a, b) => (a.at < b.at ? 1 : -1)); }

	/** The run that said `message`, and the runs that it set off, oldest first. */
	runsOf(message) {
		const end = this.log.nextMessage(message.seq) ?? this.last + 1;
		const setOff = [];
		for (let seq = message.seq; seq < end; seq += 1) setOff.push(...this.#setOff.get(seq) ?? []);
		return { saidBy: this.#saidBy.get(message.id) ?? null, setOff };
	}

	// -- what the agents would say

	async loadSuggestions() {
		if (this.role !== "owner") return;
		const { suggestions } = await this.client.get(`${this.path}/suggestions?mode=suggest&state=open`);
		suggestions.forEach((one) => this.suggested(one));
	}

	suggested(suggestion) {
		for (const [run, one] of this.suggestions) if (one.agent === suggestion.agent) this.suggestions.delete(run);
		if (suggestion.state === "open" && suggestion.mode === "suggest") this.suggestions.set(suggestion.run, suggestion);
		this.#emit("suggestions");
	}

	/** `flips`: FlipViews of the bench; empty when it is cleared. */
	setFlips(flips) {
		this.flips = new Map(flips.map((flip) => [flip.run, flip]));
		this.#emit("mind");
	}

	/** For each thought id: the newest run that weighed it. */
	runsByThought() {
		const newest = new Map();
		for (const run of this.runsByTime()) {
			for (const { id } of run.thoughts) if (!newest.has(id)) newest.set(id, run);
		}
		return newest;
	}

	/** An agent that was changed, or is new. */
	setAgent(agent) {
		const at = this.agents.findIndex((a) => a.id === agent.id);
		this.setAgents(this.agents.toSpliced(at < 0 ? this.agents.length : at, 1, agent));
	}

	setAgents(agents) {
		this.agents = agents;
		this.#emit("agents");
	}

	#emit(type, detail = {}) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
