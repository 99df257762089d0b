/** `<aside-mind>`: backstage. What the agents of the open room think, for its owners and observers: three lanes of thoughts and the log of runs. */

import { h, icon, iconButton } from "./dom.js";
import { runElement } from "./run.js";
import { thoughtElement } from "./thought.js";
import { plural, problem } from "./words.js";
import { openAgentForm } from "./agent.js";

const TABS = [
  ["held", "Held", "Thoughts kept for later appear here: weighed, and not strong enough to be said yet."],
  ["spoken", "Said", "Thoughts that were worth saying appear here."],
  ["retired", "Let go", "Thoughts that were said by somebody else, or that time has passed by, end here."],
  ["runs", "Runs", "Each time the agent thinks, the run is listed here with everything that was weighed."],
];

class AsideMind extends HTMLElement {
  app = null;
  room = null;
  tab = "held";
  #open = new Set(); // ids of the thoughts and runs that are unfolded
  #off = null;

  connectedCallback() {
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Thoughts and runs", onkeydown: (e) => this.#key(e) },
      TABS.map(([id, label]) => h("button", {
        type: "button", role: "tab", id: `tab-${id}`, "aria-controls": "mind-lane", onclick: () => this.select(id),
      }, label, h("span", { class: "n" }))));
    this.agents = h("div", { class: "agents" });
    this.lane = h("div", { class: "lane", role: "tabpanel", id: "mind-lane", tabindex: 0 });
    this.panel = h("aside", { class: "mind", "aria-label": "What the agent thinks" },
      h("header", {}, h("h2", {}, icon("mind"), "Backstage"),
        h("p", {}, "What is thought here, other members never see."),
        iconButton("close", "Close the mind panel", () => this.app.toggleMind(false))),
      this.agents, this.tabs, this.lane);
  }

  show(room) {
    this.#off?.abort();
    this.room = room;
    this.#open.clear();
    this.replaceChildren(...(room?.watching ? [this.panel] : []));
    if (!room?.watching) return;
    this.#off = new AbortController();
    const on = (type, f) => room.addEventListener(type, f, { signal: this.#off.signal });
    on("mind", () => this.#soon());
    on("agents", () => this.#agents());
    this.select("held");
    room.loadMind().catch((error) => this.app.toast(problem(error)));
  }

  select(tab) {
    this.tab = tab;
    for (const button of this.tabs.children) {
      const chosen = button.id === `tab-${tab}`;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
    this.lane.setAttribute("aria-labelledby", `tab-${tab}`);
    this.#render();
  }

  focusFirst() { this.tabs.querySelector("[aria-selected=true]")?.focus(); }

  openRun(id) {
    this.#open.add(id);
    this.select("runs");
    const element = this.lane.querySelector(`[data-id="${CSS.escape(id)}"]`);
    element?.scrollIntoView({ block: "start", behavior: "smooth" });
    element?.querySelector("summary")?.focus({ preventScroll: true });
  }

  /** Events come in bursts of thoughts; one drawing a frame is enough. */
  #soon() {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.#render(); });
  }

  #render() {
    const { room } = this;
    if (!room?.watching) return;
    this.#agents();
    const thoughts = [...room.thoughts.values()].sort((a, b) => (a.formed_at < b.formed_at ? 1 : -1));
    const lanes = {
      held: thoughts.filter((t) => t.state === "held").sort((a, b) => (b.motivation ?? 0) - (a.motivation ?? 0)),
      spoken: thoughts.filter((t) => t.state === "spoken"),
      retired: thoughts.filter((t) => t.state === "retired" || t.state === "expired"),
      runs: room.runsByTime(),
    };
    for (const [id] of TABS) this.tabs.querySelector(`#tab-${id} .n`).textContent = lanes[id].length || "";
    const draw = this.tab === "runs" ? (run) => runElement(run, this) : (thought) => thoughtElement(thought, room.runOf(thought.id), this);
    const { scrollTop } = this.lane;
    const focused = document.activeElement?.closest?.("[data-id]")?.dataset.id;
    this.lane.replaceChildren(...lanes[this.tab].map(draw));
    if (!lanes[this.tab].length) this.lane.append(h("p", { class: "nothing" }, TABS.find(([id]) => id === this.tab)[2]));
    if (this.tab === "runs" && room.olderRuns) {
      this.lane.append(h("button", { type: "button", class: "more", onclick: () => room.loadMind({ more: true }).catch((e) => this.app.toast(problem(e))) }, "Older runs"));
    }
    this.lane.scrollTop = scrollTop;
    if (focused) this.lane.querySelector(`[data-id="${CSS.escape(focused)}"] summary`)?.focus({ preventScroll: true });
  }

  #agents() {
    const { room } = this;
    this.agents.replaceChildren(...room.agents.map((agent) => {
      const thinking = room.thinking.get(agent.id);
      const muted = agent.mute_until && new Date(agent.mute_until) > new Date();
      const state = thinking ? `thinking · ${plural(thinking, "thought")}` : muted ? "muted" : `${agent.mode} · ${agent.policy.preset}`;
      return h("div", { class: `agent-chip${thinking ? " thinking" : ""}` },
        h("strong", {}, agent.name), h("span", { role: "status" }, state),
        room.role === "owner" ? iconButton("gear", `Settings of ${agent.name}`, () => openAgentForm(this.app, room, agent)) : null);
    }));
  }

  /** Remembers what is unfolded over a new drawing. */
  isOpen(id) { return this.#open.has(id); }
  setOpen(id, open) {
    if (open) this.#open.add(id);
    else this.#open.delete(id);
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = TABS.findIndex(([id]) => id === this.tab);
    this.select(TABS[(at + step + TABS.length) % TABS.length][0]);
    this.focusFirst();
  }
}

customElements.define("aside-mind", AsideMind);
