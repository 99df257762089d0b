/** One run of the five stages, unfolded: why it began, what it came to, who was expected to speak, time and tokens. */

import { filled, h, part, stamp, unfolding } from "./dom.js";
import { share } from "./share.js";
import { thoughtElement } from "./thought.js";
import { bounded, BRANCH, clip, leading, milliseconds, number, OUTCOME, runLine, TRIGGER } from "./words.js";

export function runElement(run, mind) {
	const { room } = mind;
	const cause = room.log.messageBefore(run.trigger.seq);
	const tone = run.error ? "failed" : run.gate ? "gated" : run.decision.act;
	return unfolding(`run ${tone}`, run, mind, [
		h("span.run-line", runLine(run)),
		h("span.thought-meta",
			room.agents.length > 1 ? h("span", room.nameOf(run.agent)) : null,
			h("span", `on ${TRIGGER[run.trigger.kind]}`), stamp(run.at)),
		cause ? h("span.cause", h("strong", cause.author.name), ` ${clip(cause.text, 70)}`) : null,
	], () => inside(run, mind));
}

function inside(run, mind) {
	const { decision } = run;
	const { room } = mind;
	return [
		run.error ? h("p.error", run.error) : null,
		run.gate ? h("p", `It did not think: ${run.gate}.`) : null,
		part("Decision", facts([
			["came to", [decision.act, OUTCOME[run.outcome]].filter(Boolean).join(", ")],
			["because", decision.reason],
			["turn", BRANCH[decision.branch] ?? decision.branch],
			["bar", decision.bar === null ? "none" : number(decision.bar, 2)],
			["motivation", number(leading(run)?.motivation, 2)],
			["bound that bit", decision.bound && bounded(decision.bound)],
		])),
		turn(run, mind),
		run.thoughts.length ? part("Thoughts it weighed", run.thoughts.map((t) => thoughtElement(t, run, nested(mind, run)))) : null,
		retrieved(run),
		stages(run),
		part("Made with", facts([
			["model", run.model], ["calibration", run.calibration], ["policy", `version ${run.policy_version}`], ["seed", String(run.seed)],
			["ratings read as", run.method], ["thought with", run.allowance.level === "full" ? null : `less, as its ${bounded(run.allowance.bound)} runs out`],
			["tokens", `${run.tokens.prompt} read anew, ${run.tokens.cached} from the cache, ${run.tokens.generated} written`],
		])),
		h("button.link", { onclick: () => share(mind.app, room, run) }, "Save this run as one HTML file"),
	];
}

/** A thought may be unfolded in its lane and in a run; the two are remembered apart. */
function nested(mind, run) {
	return { app: mind.app, room: mind.room, isOpen: (id) => mind.isOpen(`${run.id}/${id}`), setOpen: (id, open) => mind.setOpen(`${run.id}/${id}`, open) };
}

function facts(rows) {
	return h("dl.facts", rows.filter(([, value]) => value).map(([name, value]) => h("div", h("dt", name), h("dd", value))));
}

function bars(title, rows) {
	return part(title, h("dl.bars", rows.map(([name, part, words]) => h("div", { vars: { "--value": part } },
		h("dt", name), h("dd", filled(), h("span.score-value", words))))));
}

function turn(run, { room }) {
	const people = Object.entries(run.turn).sort((a, b) => b[1] - a[1]);
	if (!people.length) return null;
	return bars("Who was expected to speak", people.map(([who, p]) => [room.members.get(who)?.name ?? who, p, `${Math.round(p * 100)} %`]));
}

function retrieved(run) {
	if (!run.retrieved.length) return null;
	return part("What came to mind", h("ul.retrieved", run.retrieved.map((item) => h("li", { "data-source": item.id },
		h("em", item.kind), ` ${clip(item.text, 120)} `, h("span.score-value", { title: "saliency" }, number(item.saliency, 2))))));
}

function stages(run) {
	const all = Object.entries(run.stages);
	const total = all.reduce((sum, [, ms]) => sum + ms, 0);
	if (!all.length) return null;
	return bars(`Time and tokens, ${milliseconds(total)} in all`, all.map(([name, ms]) => {
		const spent = run.spent[name];
		return [name, total ? ms / total : 0, milliseconds(ms) + (spent ? `, ${spent.prompt + spent.generated} tokens` : "")];
	}));
}
