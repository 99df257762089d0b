/** The policy bench: sliders over the stored log. Each move decides it again, and shows what would have been otherwise. */

import { button, failure, filled, h, hint, redraw, template } from "./dom.js";
import { review } from "./review.js";
import { clock, HEURISTICS, number, percent, SAY, SLIDERS } from "./words.js";

/** Come from the preset where the policy leaves them out. */
const BARS = ["im_threshold", "interrupt_threshold", "allocated_threshold", "system1_prob"];
const CLEARED = Object.fromEntries(BARS.map((name) => [name, null]));
const PRESETS = ["selective", "active", "chatty"];
const WAIT = 120; // ms after the last move

export class Bench {
	#tried = {}; // fields of the policy that are moved

	constructor(app, room) {
		Object.assign(this, { app, room, agent: room.agents[0] });
		this.element = template("bench");
		[this.result, this.flips, this.form, this.review] = this.element.children;
		this.form.onsubmit = (event) => event.preventDefault();
		this.#load();
	}

	close() { this.room.setFlips([]); }

	async #load() {
		if (!this.agent) { this.result.replaceChildren(h("p.nothing", SAY.noAgent)); return; }
		await this.#attempt(async () => {
			this.calibration = await this.app.client.get(`${this.room.path}/calibration`);
			this.#draw();
			await this.#decide();
			await this.#rates();
			await review(this.review, this.app, this.room, this.agent.id);
		});
	}

	get #path() { return `${this.room.path}/agents/${this.agent.id}`; }
	/** The policies that `apply` replaced, by agent: they outlive this view. */
	get #before() { return (this.room.replaced ??= new Map()); }
	#now(name) { return this.#tried[name] ?? this.agent.policy[name] ?? this.calibration.presets[this.#tried.preset ?? this.agent.policy.preset][name]; }

	#draw() {
		const { calibration, agent, room } = this;
		const most = Math.max(...Object.values(calibration.weights)) * 2 || 1;
		const weight = (id) => this.#tried.weights?.[id] ?? agent.policy.weights[id] ?? calibration.weights[id];
		const presets = template("presets");
		for (const one of presets.querySelectorAll("button")) {
			one.setAttribute("aria-pressed", (this.#tried.preset ?? agent.policy.preset) === one.dataset.preset);
			one.onclick = () => this.#preset(one.dataset.preset);
		}
		const aim = template("aim");
		const [rate, find] = aim.children;
		find.onclick = () => this.#aim(Number(rate.value) / 100);
		redraw(this.form, [
			room.agents.length > 1 ? h("select", { "aria-label": "Agent", onchange: (e) => { this.agent = room.agents.find((a) => a.id === e.target.value); this.#tried = {}; this.#load(); } },
				room.agents.map((a) => h("option", { value: a.id, selected: a.id === agent.id }, a.name))) : "",
			presets, aim,
			h("fieldset", h("legend", "Bars and caps"), SLIDERS.map(([name, label, min, max, step]) => slider(label, name, min, max, step, this.#now(name), (x) => this.#try({ [name]: x })))),
			h("details", h("summary", "Weights of the ten"), hint(calibration.odds ? SAY.odds : SAY.mean),
				HEURISTICS.map(([id, label]) => slider(label, id, 0, most, most / 200, weight(id), (x) => this.#try({ weights: { ...agent.policy.weights, ...this.#tried.weights, [id]: x } })))),
			h("div.row",
				room.role === "owner" ? h("button.primary", { onclick: () => this.#apply() }, "Apply") : "",
				this.#before.has(agent.id) ? button({ onclick: () => this.#undo() }, "Undo") : "",
				button({ onclick: () => this.#reset() }, "Reset"))]);
		this.#shown();
	}

	#try(fields) {
		Object.assign(this.#tried, fields);
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.#attempt(() => this.#decide()), WAIT);
	}

	#preset(preset) {
		this.#tried = { ...this.#tried, preset, ...CLEARED };
		this.#draw();
		this.#try({});
	}

	#ask(policy) { return this.app.client.post(`${this.room.path}/redecide`, { policy, agent: this.agent.id }); }

	async #decide() {
		const asked = JSON.stringify(this.#tried);
		const view = await this.#ask(this.#tried);
		if (asked === JSON.stringify(this.#tried)) this.#show(view);
	}

	#show(view) {
		this.room.setFlips(view.flips);
		const line = (name, before, after, words) => h("div.change", h("dt", name),
			h("dd", bar("before", before, `${words(before)} before`), bar("after", after, `${words(after)} tried`)));
		this.result.replaceChildren(
			h("p.verdict", `${view.flipped} of ${view.runs} decisions flip`, view.runs ? "" : h("small", SAY.unthought), view.without_effect.length ? h("small", ` no effect on a log: ${view.without_effect.join(", ")}`) : ""),
			h("dl", line("speaks", view.before.rate, view.after.rate, percent), line("share", view.before.share, view.after.share, percent)),
			hint(`${number(view.before.per_hour, 2)} messages an hour before, ${number(view.after.per_hour, 2)} tried.`));
		this.flips.replaceChildren(...view.flips.slice(0, 30).map((flip) => h("li", h("button.stimulus-link", { onclick: () => this.#to(flip) },
			h("strong", `${clock(flip.at)} ${flip.before.act} → ${flip.after.act}`), ` ${flip.why}`))));
	}

	#to(flip) {
		const message = this.room.log.messageBefore(flip.seq);
		if (message) this.app.chat.jump(message.id);
	}

	async #rates() {
		this.rates = {};
		for (const preset of PRESETS) {
			this.rates[preset] = (await this.#ask({ preset, ...CLEARED })).after.rate;
			this.#shown();
		}
	}

	#shown() {
		for (const button of this.form.querySelectorAll("[data-preset]")) {
			const rate = this.rates?.[button.dataset.preset];
			if (rate !== undefined) button.lastChild.textContent = percent(rate);
		}
	}

	async #aim(rate) {
		const apart = this.#now("interrupt_threshold") - this.#now("im_threshold");
		let [low, high] = [1, 5];
		await this.#attempt(async () => {
			for (let i = 0; i < 9; i += 1) {
				const im_threshold = Number(((low + high) / 2).toFixed(3));
				Object.assign(this.#tried, { im_threshold, interrupt_threshold: Math.min(5, im_threshold + apart), system1_prob: 0 });
				const view = await this.#ask(this.#tried);
				this.#show(view);
				if (view.after.rate > rate) low = im_threshold;
				else high = im_threshold;
			}
		});
		this.#draw();
	}

	async #put(policy) {
		this.agent = await this.app.client.put(this.#path, { policy });
		this.room.setAgent(this.agent);
	}

	#apply() {
		const before = this.agent.policy;
		return this.#attempt(async () => {
			await this.#put({ ...before, ...this.#tried });
			this.#before.set(this.agent.id, before);
			this.#tried = {};
			this.app.toast(`In force as version ${this.agent.policy_version}.`);
			this.#draw();
		});
	}

	#undo() {
		return this.#attempt(async () => {
			await this.#put(this.#before.get(this.agent.id));
			this.#before.delete(this.agent.id);
			this.app.toast("The policy is as it was.");
			await this.#reset();
		});
	}

	async #reset() {
		this.#tried = {};
		this.#draw();
		await this.#attempt(() => this.#decide());
	}

	async #attempt(work) {
		try {
			await work();
		} catch (error) { this.result.replaceChildren(failure(error)); }
	}
}

function slider(label, name, min, max, step, value, moved) {
	const words = (x) => number(x, step < 1 ? 2 : 0);
	const shown = h("output", words(value));
	return h("div.slider", h("span", label), h("input", {
		type: "range", name, "aria-label": label, min, max, step, value, oninput: (event) => { shown.textContent = words(Number(event.target.value)); moved(Number(event.target.value)); },
	}), shown);
}

function bar(cls, part, words) {
	return h("span", { class: `bench-bar ${cls}`, vars: { "--value": Math.min(1, part) } }, filled(), h("span", words));
}
