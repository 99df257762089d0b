/** The reservoir as a lane: each thought a life from when it was formed, with a dot wherever it came back, to what became of it. */

import { h } from "./dom.js";
import { drawing, s, WIDTH } from "./draw.js";
import { clip, clock } from "./words.js";

const SHOWN = 24;
const ROW = 7;
export const FATES = { held: "held", returning: "returning", spoken: "said", others: "said by somebody else", expired: "let go" };

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

export function laneElement(room, choose) {
	const back = returning(room);
	const all = [...room.thoughts.values()].sort((a, b) => (a.formed_at < b.formed_at ? -1 : 1));
	const counts = {};
	for (const thought of all) counts[fate(thought, back)] = (counts[fate(thought, back)] ?? 0) + 1;
	const shown = all.slice(-SHOWN);
	const seen = new Map(shown.map((t) => [t.id, []]));
	for (const run of room.runs.values()) for (const { id } of [...run.thoughts, ...run.retrieved]) seen.get(id)?.push(run.trigger.seq);
	const [first, last] = [Math.min(...shown.map((t) => t.formed_seq)), Math.max(room.last, 1)];
	const x = (seq) => 4 + ((seq - first) / Math.max(1, last - first)) * (WIDTH - 8);
	const words = Object.entries(FATES).filter(([key]) => counts[key]).map(([key, name]) => `${counts[key]} ${name}`).join(", ");
	const picture = shown.length ? drawing(`Reservoir: ${words}`, shown.length * ROW + 4, shown.map((thought, i) => {
		const y = 4 + i * ROW;
		const places = seen.get(thought.id);
		const kind = fate(thought, back);
		const end = kind === "held" || kind === "returning" ? last : Math.max(thought.formed_seq, ...places);
		return s("g", { class: `life ${kind}`, onclick: () => choose(thought) }, s("title", {}, `${FATES[kind]}: ${clip(thought.text, 100)}`),
			s("line", { x1: x(thought.formed_seq), x2: Math.max(x(end), x(thought.formed_seq) + 2), y1: y, y2: y }),
			places.map((seq) => s("circle", { cx: x(seq), cy: y, r: 1.8 })),
			kind === "held" || kind === "returning" ? null : s("circle", { cx: x(end), cy: y, r: 3, class: "end" }));
	})) : null;
	return h("figure.reservoir", { hidden: !shown.length }, picture,
		h("p.axis", h("time", shown.length ? clock(shown[0].formed_at) : ""), "now"),
		h("figcaption", h("ul.legend", Object.entries(FATES).filter(([key]) => counts[key]).map(([key, name]) => h("li", { class: `life ${key}` }, h("i"), `${counts[key]} ${name}`)))));
}
