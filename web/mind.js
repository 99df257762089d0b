/** `<aside-mind>`: backstage. What the agents of the open room think, for its owners and observers. */

import { button, h, iconButton, redraw, template } from "./dom.js";
import { Bench } from "./bench.js";
import { Dashboard } from "./dashboard.js";
import { laneElement, returning } from "./lane.js";
import { runElement } from "./run.js";
import { thoughtElement } from "./thought.js";
import { gear } from "./agent.js";
import { TABS } from "./words.js";

const VIEWS = { bench: Bench, room: Dashboard }; // beside the thoughts
const SHOWN = 120; // cards in one lane
const EVERY = 200; // ms between two drawings

/** Makes `children` the children of `parent`, and moves none that is in its place already. */
function arrange(parent, children) {
	const wanted = new Set(children);
	for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
	let at = parent.firstChild;
	for (const child of children) {
		if (child === at) at = at.nextSibling;
		else parent.insertBefore(child, at);
	}
}

class AsideMind extends HTMLElement {
	app = null;
	room = null;
	tab = "held";
	#cards = new Map(); // id -> {item, run, element}
	#open = new Set(); // ids of the thoughts and runs that are unfolded
	#off = null;

	connectedCallback() {
		[this.agents, this.tabs, this.lane] = template("thoughts").children;
		this.tabs.onkeydown = (event) => this.#key(event);
		for (const tab of this.tabs.children) tab.onclick = () => this.select(tab.id.slice(4));
		this.reservoir = h("div");
		this.panel = template("backstage");
		[this.header, this.views] = this.panel.children;
		for (const button of this.views.children) button.onclick = () => this.view(button.dataset.view);
		this.header.append(iconButton("close", "Close the mind panel", () => this.app.toggleMind(false)));
	}

	/** Shows the thoughts, the bench or the dashboard. The last two are made anew each time. */
	view(id) {
		this.other?.close();
		const Other = VIEWS[id];
		this.other = Other ? new Other(this.app, this.room) : null;
		for (const button of this.views.children) button.setAttribute("aria-pressed", button.dataset.view === id);
		while (this.views.nextSibling) this.views.nextSibling.remove();
		this.panel.append(...(this.other ? [h("div.lane", { tabindex: 0 }, this.other.element)] : [this.agents, this.tabs, this.lane]));
		if (!this.other) this.#render();
	}

	show(room) {
		this.#off?.abort();
		this.other?.close();
		this.other = null;
		this.room = room;
		this.#open.clear();
		this.#cards.clear();
		this.replaceChildren(...(room?.watching ? [this.panel] : []));
		if (!room?.watching) return;
		this.#off = new AbortController();
		const on = (type, f) => room.addEventListener(type, f, { signal: this.#off.signal });
		on("mind", () => this.#soon());
		on("entry", () => this.#soon());
		on("agents", () => this.#agents());
		this.view("thoughts");
		this.select("held");
		this.loaded = false;
		this.app.attempt(() => room.loadMind()).finally(() => {
			this.#render();
			this.loaded = true;
		});
	}

	select(tab) {
		this.tab = tab;
		for (const button of this.tabs.children) {
			const chosen = button.id === `tab-${tab}`;
			button.setAttribute("aria-selected", chosen);
			button.tabIndex = chosen ? 0 : -1;
		}
		this.lane.setAttribute("aria-labelledby", `tab-${tab}`);
		this.#render();
	}

	focusFirst() { this.tabs.querySelector("[aria-selected=true]")?.focus(); }

	openRun(id) {
		if (this.other) this.view("thoughts");
		this.#open.add(id);
		this.select("runs");
		this.#show(id);
	}

	#openThought({ id, state }) {
		this.#open.add(id);
		this.#cards.delete(id);
		this.select(state === "expired" ? "retired" : state);
		this.#show(id);
	}

	#show(id) {
		const element = this.lane.querySelector(`[data-id="${CSS.escape(id)}"]`);
		element?.scrollIntoView({ block: "start", behavior: "smooth" });
		element?.querySelector("summary")?.focus({ preventScroll: true });
	}

	/** Events come in bursts of thoughts; a few drawings a second are enough. */
	#soon() {
		this.timer ??= setTimeout(() => { this.timer = null; this.#render(); }, EVERY);
	}

	#render() {
		const { room } = this;
		if (!room?.watching || this.other) return;
		this.#agents();
		const back = returning(room);
		const thoughts = [...room.thoughts.values()].sort((a, b) => (a.formed_at < b.formed_at ? 1 : -1));
		const lanes = {
			held: thoughts.filter((t) => t.state === "held").sort((a, b) => (b.motivation ?? 0) - (a.motivation ?? 0)),
			spoken: thoughts.filter((t) => t.state === "spoken"),
			retired: thoughts.filter((t) => t.state === "retired" || t.state === "expired"),
			runs: room.runsByTime(),
		};
		for (const id in lanes) this.#count(id, lanes[id].length);
		const weighed = room.runsByThought();
		const items = lanes[this.tab].slice(0, this.more ?? SHOWN);
		const cards = this.tab === "runs"
			? items.map((run) => this.#card(run, null, () => runElement(run, this)))
			: items.map((thought) => {
				const run = weighed.get(thought.id) ?? null;
				const card = this.#card(thought, run, () => thoughtElement(thought, run, this));
				card.classList.toggle("returning", back.has(thought.id));
				return card;
			});
		if (this.tab !== "runs" && cards.length) {
			redraw(this.reservoir, [laneElement(room, back, (thought) => this.#openThought(thought))]);
			cards.unshift(this.reservoir);
		}
		if (!cards.length) cards.push(h("p.nothing", TABS[this.tab]));
		if (this.tab === "runs" && room.olderRuns) {
			const older = () => { this.more = (this.more ?? SHOWN) + 50; return this.app.attempt(() => room.loadMind({ more: true })); };
			cards.push(button({ class: "more", onclick: older }, "Older runs"));
		}
		arrange(this.lane, cards);
	}

	#count(id, n) {
		const tab = this.tabs.querySelector(`#tab-${id}`);
		if (id === this.tab) tab.classList.remove("fresh");
		else if (this.loaded && n > Number(tab.lastChild.textContent)) tab.classList.add("fresh");
		tab.lastChild.textContent = n || "";
	}

	/** The element of a thought or run, the same one for as long as what it shows is the same: it may be under a finger. */
	#card(item, run, make) {
		const had = this.#cards.get(item.id);
		if (had?.item === item && had.run === run) return had.element;
		const element = make();
		this.#cards.set(item.id, { item, run, element });
		if (had?.element.contains(document.activeElement)) requestAnimationFrame(() => element.querySelector("summary").focus({ preventScroll: true }));
		return element;
	}

	#agents() {
		const { room } = this;
		redraw(this.agents, room.agents.map((agent) => {
			const muted = agent.mute_until && new Date(agent.mute_until) > new Date();
			const thinking = room.weighed && !muted;
			const state = thinking ? "weighing the last message" : muted ? "muted" : `${agent.mode} · ${agent.policy.preset}`;
			return h("div", { class: `agent-chip${thinking ? " thinking" : ""}` },
				h("strong", agent.name), h("span", { role: "status" }, state),
				room.role === "owner" ? gear(this.app, room, agent) : null);
		}));
	}

	isOpen(id) { return this.#open.has(id); }
	setOpen(id, open) {
		if (open) this.#open.add(id);
		else this.#open.delete(id);
	}

	#key(event) {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (!step) return;
		const ids = Object.keys(TABS);
		this.select(ids.at((ids.indexOf(this.tab) + step) % ids.length));
		this.focusFirst();
	}
}

customElements.define("aside-mind", AsideMind);
