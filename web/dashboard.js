/** The room in drawings: who talks, how often the agent speaks, how it is received, what it costs. Owners and observers. */

import { button, failure, h, hint, hue } from "./dom.js";
import { line, stacks } from "./draw.js";
import { share } from "./share.js";
import { clock, milliseconds, percent, plural } from "./words.js";

const COLUMNS = 24;
const RECENT = 20; // decisions that count for the rate at one moment
const LIKED = /^(👍|❤️|😂|🎉|🙏|✅)/u;
const sum = (list, f) => list.reduce((total, x) => total + f(x), 0);

export class Dashboard {
	constructor(app, room) {
		Object.assign(this, { app, room });
		this.element = h("div.dashboard", h("p.nothing", "Reading the room…"));
		this.#load().catch((error) => this.element.replaceChildren(failure(error)));
	}

	close() {}

	async #load() {
		const { app, app: { client }, room } = this;
		const [{ messages }, { runs }] = await Promise.all([
			client.get(`${room.path}/messages?limit=500`), client.get(`${room.path}/runs?limit=200`),
		]);
		runs.reverse();
		const agent = room.agents[0];
		const today = agent && runs.length ? await client.post(`${room.path}/redecide`, { policy: agent.policy, agent: agent.id }) : null;
		this.element.replaceChildren(
			talk(messages, agent), rate(runs, today), reception(messages), tokens(runs), latency(runs),
			hint(`The last ${plural(messages.length, "message")} and ${plural(runs.length, "run")}.`),
			button({ onclick: () => share(app, room) }, "Save all of it as one HTML file"));
	}
}

/** `of`: what is drawn, each with its time `at`. */
function panel(title, note, draw, of, ...legend) {
	return h("section.panel", h("h3", title), of.length ? draw() : hint("Nothing to show yet."),
		of.length ? h("p.axis", h("time", clock(of[0].at)), h("time", clock(of.at(-1).at))) : "", hint(note), ...legend);
}

const keys = (all) => h("ul.legend", all.map(([words, cls, vars = {}]) => h("li", h("i", { class: cls, vars }), words)));

function talk(messages, agent) {
	const authors = [...new Map(messages.map((m) => [m.author.id, m.author])).values()].sort((a, b) => (b.kind === "agent") - (a.kind === "agent"));
	const window = agent?.policy.talk_window ?? RECENT;
	const share = (a, some) => some.filter((m) => m.author.id === a.id).length / some.length;
	const count = Math.min(COLUMNS, messages.length);
	const columns = Array.from({ length: count }, (_, i) => {
		const end = Math.ceil(((i + 1) / count) * messages.length);
		const some = messages.slice(Math.max(0, end - window), end);
		const parts = authors.map((author) => ({ author, value: share(author, some) })).filter((p) => p.value);
		return { title: parts.map((p) => `${p.author.name} ${percent(p.value)}`).join(", "), parts: parts.map(({ author, value }) => ({ value, ...paint(author) })) };
	});
	const cap = agent?.policy.talk_share ?? null;
	const words = authors.map((a) => `${a.name} ${percent(share(a, messages))}`);
	return panel("Who talks", `Shares of the last ${window} messages, as time went by.${cap === null ? "" : ` ${agent.name} may have ${percent(cap)} at most (dashed).`}`,
		() => stacks(`Share of the talk: ${words.join(", ")}`, columns, { aim: cap }), messages,
		keys(authors.map((a, i) => [words[i], paint(a).cls, paint(a).vars])));
}

const paint = (author) => (author.kind === "agent" ? { cls: "part-agent", vars: {} } : { cls: "part-person", vars: { "--hue": hue(author.id) } });

function rate(runs, today) {
	const decided = runs.filter((r) => !r.gate);
	const values = decided.map((_, i) => {
		const window = decided.slice(Math.max(0, i + 1 - RECENT), i + 1);
		return window.filter((r) => r.decision.act === "speak").length / window.length;
	});
	const aim = today?.after.rate ?? null;
	const most = Math.max(0.1, ...values, aim ?? 0);
	const now = values.at(-1) ?? 0;
	return panel("How often it speaks", `Of the last ${Math.min(RECENT, decided.length)} decisions, ${percent(now)} to speak${aim === null ? "" : `; today’s policy would have come to ${percent(aim)} (dashed)`}.`,
		() => line(`Speak rate, now ${percent(now)}`, values, { most, aim, top: percent(most) }), decided);
}

function reception(messages) {
	const answered = new Set(messages.map((m) => m.reply_to).filter(Boolean));
	const said = messages.filter((m) => m.author.kind === "agent" && !m.deleted_at);
	const has = (m, emoji) => m.reactions.some((r) => emoji.test(r.emoji));
	const kind = (m) => (has(m, /^👎/u) ? "disliked" : has(m, LIKED) ? "liked" : answered.has(m.id) ? "answered" : "passed over");
	const counts = ["liked", "answered", "passed over", "disliked"].map((name) => [name, said.filter((m) => kind(m) === name).length]);
	const words = counts.map(([name, n]) => `${n} ${name}`).join(", ");
	return panel("How it is received", `Of its ${plural(said.length, "message")}: ${words}.`,
		() => stacks(`Reception: ${words}`, said.slice(-60).map((m) => ({ title: `${kind(m)}: ${m.text.slice(0, 80)}`, parts: [{ value: 1, cls: `part-${kind(m).replace(" ", "-")}` }] })), { height: 24 }), said,
		keys(counts.filter(([, n]) => n).map(([name]) => [name, `part-${name.replace(" ", "-")}`])));
}

function tokens(runs) {
	const used = runs.filter((r) => r.tokens.prompt).slice(-80);
	const anew = (r) => r.tokens.prompt + r.tokens.generated;
	const most = Math.max(...used.map(anew));
	const columns = used.map((r) => ({
		title: `${r.tokens.prompt} read anew, ${r.tokens.cached} from the cache, ${r.tokens.generated} written`,
		parts: [{ value: r.tokens.generated, cls: "part-written" }, { value: r.tokens.prompt, cls: "part-read" }],
	}));
	return panel("Tokens", `${sum(runs, anew)} read anew and written, ${sum(runs, (r) => r.tokens.cached)} from the cache.`,
		() => stacks("Tokens of each run", columns, { most, height: 60, top: `${most}` }), used, keys([["read", "part-read"], ["written", "part-written"]]));
}

function latency(runs) {
	const took = (r) => sum(Object.values(r.stages), (ms) => ms);
	const timed = runs.filter(took);
	const times = timed.map(took);
	const sorted = [...times].sort((a, b) => a - b);
	const at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
	return panel("Time to a decision", times.length ? `Median ${milliseconds(at(0.5))}, nine in ten within ${milliseconds(at(0.9))}.` : "No run yet.",
		() => line(`Time to a decision, median ${milliseconds(at(0.5))}`, times, { most: sorted.at(-1), top: milliseconds(sorted.at(-1)) }), timed);
}
