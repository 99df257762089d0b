/** How the page says things: times, errors, decisions. Pure functions, no elements. */

import WORDS from "./words.json" with { type: "json" };

export const { HEURISTICS, SLIDERS, TABS, SAY, FATES, REPLAY, STATUS, KIND, HOW, TRIGGER, BRANCH, OUTCOME, VERDICTS } = WORDS;
const { PROBLEMS, ACT, BOUND } = WORDS;

export const bounded = (name) => BOUND[name] ?? name;

export const number = (x, digits = 1) => x?.toFixed(digits) ?? "–";
export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
export const percent = (x) => `${(100 * x).toFixed(x && x < 0.1 ? 1 : 0)} %`;
export const milliseconds = (ms) => (ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
export const clip = (text, n) => ([...text].length > n ? `${[...text].slice(0, n - 1).join("").trimEnd()}…` : text);

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
export const clock = (at) => TIME.format(new Date(at));
export const fullTime = (at) => FULL.format(new Date(at));
export const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

export function dayName(at, now = new Date()) {
	if (sameDay(at, now)) return "Today";
	if (sameDay(at, new Date(now.getTime() - 86_400_000))) return "Yesterday";
	const year = new Date(at).getFullYear();
	return DAY.format(new Date(at)) + (year === now.getFullYear() ? "" : ` ${year}`);
}

/** The thought that a run was decided on: the chosen one, else the one that wanted most to be said. */
export function leading(run) {
	return run.thoughts.find((t) => t.id === run.decision.thought)
		?? run.thoughts.reduce((best, t) => ((t.motivation ?? 0) > (best?.motivation ?? 0) ? t : best), null);
}

/** Motivation against the bar, "2.8 < 3.6"; empty where one of the two is missing. */
export function against(motivation, bar) {
	if (typeof motivation !== "number" || typeof bar !== "number") return "";
	return `${number(motivation)} ${motivation >= bar ? "≥" : "<"} ${number(bar)}`;
}

export function verdict(run) {
	if (run.error && !run.outcome) return "failed";
	if (run.gate) return "did not think";
	if (run.decision.act === "speak") return { said: "spoke", superseded: "dropped", dropped: "dropped its reply", failed: "could not speak" }[run.outcome] ?? "speaks";
	return ACT[run.decision.act];
}

/** The thin line under a message: "3 thoughts · held · 2.8 < 3.6". */
export function runLine(run) {
	if (run.error && !run.outcome) return `thinking failed · ${clip(run.error, 60)}`;
	if (run.gate) return `no thoughts · ${clip(run.gate, 60)}`;
	const bound = run.decision.bound && bounded(run.decision.bound);
	const why = clip(run.dropped ?? run.error ?? "", 60);
	return [plural(run.thoughts.length, "thought"), verdict(run), against(leading(run)?.motivation, run.decision.bar), bound, why]
		.filter(Boolean).join(" · ");
}

/** An error of the wire in plain words, with what it is about. */
export function problem(error) {
	const plain = PROBLEMS[error.code];
	const detail = error.detail && error.code !== "offline" ? error.detail : "";
	const field = error.field ? `${error.field}: ` : "";
	if (!plain) return field + (detail || "Something went wrong.");
	return detail ? `${plain} (${field}${detail})` : plain;
}
