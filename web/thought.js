/** One thought, unfolded: its text, what set it off, motivation against the bar, and the ten scores as bars. */

import { filled, h, hint, stamp, unfolding } from "./dom.js";
import { against, bounded, clip, HEURISTICS, HOW, KIND, number, OUTCOME, SAY } from "./words.js";

const share = (value) => (value - 1) / 4; // 1–5 as 0–1

/** `run`: the newest run that weighed it, or null. `mind` remembers what is unfolded and knows the chat. */
export function thoughtElement(thought, run, mind) {
	const [kind, meaning] = KIND[thought.kind] ?? [thought.kind, ""];
	const bar = run?.decision.bar ?? null;
	const author = mind.room.agents.length > 1 && run ? `${mind.room.nameOf(run.agent)} · ` : "";
	const details = unfolding(`thought ${thought.state}`, thought, mind, [
		h("span.thought-text", thought.text),
		meter(thought.motivation, bar),
		h("span.thought-meta", h("span", { title: meaning }, author + kind), stateOf(thought, heldBack(thought, run)), stamp(thought.formed_at)),
	], () => [stimuli(thought, run, mind), scores(thought)]);
	light(details, thought, mind);
	return details;
}

/** Pointing at a thought lights up the messages that set it off. */
function light(element, thought, mind) {
	const set = (on) => mind.app.chat.highlight(thought.stimuli, on);
	for (const type of ["pointerenter", "focusin"]) element.addEventListener(type, () => set(true));
	for (const type of ["pointerleave", "focusout"]) element.addEventListener(type, () => set(false));
}

/** Why a thought that reaches the bar is still held. */
function heldBack(thought, run) {
	const { decision, outcome } = run ?? {};
	if (!against(thought.motivation, decision?.bar).includes("≥")) return "";
	if (decision.thought !== thought.id) return "another came first";
	return decision.bound ? `held by: ${bounded(decision.bound)}` : outcome && outcome !== "said" ? OUTCOME[outcome] : "";
}

function stateOf({ state, why }, over) {
	if (state === "held") return [over && h("span.state", over), h("span.state.came-back", "returning")];
	const name = { spoken: "said", retired: "let go", expired: "expired" }[state];
	return h("span.state", why && why !== name ? `${name}: ${why}` : name);
}

/** Motivation on a line from 1 to 5, with the bar as a notch. */
function meter(motivation, bar) {
	if (motivation === null) return h("span.meter.unrated", h("span.meter-words", "not weighed"));
	const words = against(motivation, bar) || number(motivation);
	const over = typeof bar === "number" && motivation >= bar;
	return h("span", { class: `meter${over ? " over" : ""}`, role: "img", "aria-label": `Motivation ${words}`, vars: { "--value": share(motivation), "--bar": share(bar ?? 1) } },
		h("span.track", h("span.fill"), typeof bar === "number" ? h("span.notch") : null),
		h("span.meter-words", words));
}

function stimuli(thought, run, mind) {
	if (!thought.stimuli.length) return null;
	const { room, app } = mind;
	return h("div.stimuli", h("h3", "Set off by"), h("ul", thought.stimuli.map((id) => {
		const message = room.messages.get(id);
		if (message) {
			return h("li", h("button.stimulus-link", { onclick: () => app.chat.jump(id) },
				h("strong", message.author.name), ` ${clip(message.text, 90)}`));
		}
		const found = run?.retrieved.find((r) => r.id === id);
		const earlier = room.thoughts.get(id);
		const source = earlier ?? found;
		if (!source) return h("li", h("em", "something further back"));
		const kind = earlier || found.kind === "thought" ? "thought" : "memory";
		return h(`li.from-${kind}`, { "data-source": id }, h("em", SAY.from[kind]), ` ${clip(source.text, 90)}`);
	})));
}

function scores(thought) {
	if (!thought.scores.length) return hint("This thought was not scored.");
	const byName = new Map(thought.scores.map((s) => [s.heuristic, s]));
	return h("div.scores", h("h3", "Ten scores"), h("dl", HEURISTICS.filter(([id]) => byName.has(id)).map(([id, name, asks]) => {
		const score = byName.get(id);
		return h("div.score", { "data-heuristic": id, vars: { "--value": share(score.value) } },
			h("dt", { title: asks }, name),
			h("dd", filled(rawWords(score)),
				distribution(score.distribution),
				h("span.score-value", number(score.value)),
				h("span.how", { title: HOW[score.how] }, score.how)));
	})));
}

function distribution(bins) {
	if (!bins) return h("span.bins.none", { "aria-hidden": "true" });
	const words = bins.map((p, i) => `${i + 1}: ${Math.round(p * 100)} %`).join(", ");
	const top = Math.max(...bins);
	return h("span.bins", { role: "img", title: words, "aria-label": `Distribution ${words}` },
		bins.map((p) => h("i", { vars: { "--p": top ? p / top : 0 } })));
}

const rawWords = ({ raw, value }) => Object.entries({ value, ...raw }).filter(([, x]) => typeof x === "number")
	.map(([name, x]) => `${name} ${number(x, 2)}`).join(" · ");
