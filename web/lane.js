/** The reservoir as a lane: each thought a life from when it was formed, with a dot wherever it came back, to what became of it. */

import { h, s } from "./dom.js";
import { drawing, WIDTH } from "./draw.js";
import { clip, clock, FATES } from "./words.js";

const SHOWN = 24;
const ROW = 7;
const lifeId = ({ id }) => `life-${id}`;

/** What became of a thought: a key of FATES. `back`: ids of the thoughts that came to mind in the last run. */
export function fate({ id, state, why }, back) {
	if (state === "held") return back.has(id) ? "returning" : "held";
	if (state === "spoken") return "spoken";
	return state === "retired" && why.startsWith("said by") ? "others" : "expired";
}

/** Ids of the held thoughts that came back in the newest run. */
export function returning(room) {
	const last = room.runsByTime().find((run) => !run.gate);
	return new Set((last?.retrieved ?? []).filter((r) => r.kind === "thought").map((r) => r.id));
}

/** Enter opens a life, arrows go from one to the next; Tab goes past all of them at once. */
function press(event, open) {
	const { key, currentTarget: life } = event;
	const to = { ArrowDown: life.nextElementSibling, ArrowUp: life.previousElementSibling }[key];
	if (!to && key !== "Enter" && key !== " ") return;
	event.preventDefault();
	if (!to) { open(); return; }
	life.setAttribute("tabindex", -1);
	to.setAttribute("tabindex", 0);
	to.focus();
}

/** `back`: what `returning` gives. There is at least one thought. */
export function laneElement(room, back, choose) {
	const all = [...room.thoughts.values()].sort((a, b) => (a.formed_at < b.formed_at ? -1 : 1));
	const fates = all.map((thought) => fate(thought, back));
	const counts = Object.entries(FATES).map(([key, name]) => [key, `${fates.filter((f) => f === key).length} ${name}`]).filter(([, words]) => !words.startsWith("0 "));
	const shown = all.slice(-SHOWN);
	const seen = new Map(shown.map((t) => [t.id, []]));
	for (const run of room.runs.values()) for (const { id } of [...run.thoughts, ...run.retrieved]) seen.get(id)?.push(run.trigger.seq);
	const [first, last] = [Math.min(...shown.map((t) => t.formed_seq)), Math.max(room.last, 1)];
	const x = (seq) => 4 + ((seq - first) / Math.max(1, last - first)) * (WIDTH - 8);
	const chosen = Math.max(0, shown.findIndex((t) => lifeId(t) === document.activeElement?.id));
	const lives = drawing(`Reservoir: ${counts.map(([, words]) => words).join(", ")}`, shown.length * ROW + 4, shown.map((thought, i) => {
		const y = 4 + i * ROW;
		const places = seen.get(thought.id);
		const kind = fate(thought, back);
		const alive = thought.state === "held";
		const [begin, end] = [x(thought.formed_seq), x(alive ? last : Math.max(thought.formed_seq, ...places))];
		const name = `${FATES[kind]}: ${clip(thought.text, 100)}`;
		const open = () => choose(thought);
		return s("g", { class: `life ${kind}`, id: lifeId(thought), role: "button", tabindex: i === chosen ? 0 : -1, "aria-label": name, onclick: open, onkeydown: (event) => press(event, open) },
			s("title", {}, name),
			s("line", { x1: begin, x2: Math.max(end, begin + 2), y1: y, y2: y }),
			places.map((seq) => s("circle", { cx: x(seq), cy: y, r: 1.8 })), !alive && s("circle", { cx: end, cy: y, r: 3 }));
	}));
	lives.setAttribute("role", "group"); // what is in an image cannot be reached
	return h("figure.reservoir", lives, h("p.axis", h("time", clock(shown[0].formed_at)), "now"),
	h("figcaption", h("ul.legend", counts.map(([key, words]) => h("li", { class: `life ${key}` }, h("i"), words)))));
}
