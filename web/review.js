/** Looking back: what an agent in shadow would have said, to accept or reject, and what people's verdicts would change. */

import { button, h, hint, template, wire } from "./dom.js";
import { clock, number, plural, problem, SAY } from "./words.js";

/** Fills `place`; for owners. */
export async function review(place, app, room, id) {
	const agent = room.agents.find((a) => a.id === id);
	if (room.role !== "owner" || !agent) return;
	const [shadow, refit] = await Promise.all([
		app.client.get(`${room.path}/suggestions?mode=shadow`), app.client.get(`${room.path}/agents/${agent.id}/refit`),
	]);
	const attempt = (work) => app.attempt(async () => {
		await work();
		await review(place, app, room, id);
	});
	place.replaceChildren(queue(app, room, agent, shadow.suggestions.filter((s) => s.agent === agent.id), attempt), labels(app, room, agent, refit, attempt));
}

function queue(app, room, agent, all, attempt) {
	const open = all.filter((s) => s.state === "open");
	const accepted = all.filter((s) => s.state === "accepted").length;
	const judged = accepted + all.filter((s) => s.state === "rejected").length;
	const answer = (one, verdict) => attempt(() => app.client.post(`/suggestions/${one.run}`, { verdict }));
	const promote = () => attempt(async () => {
		room.setAgent(await app.client.put(`${room.path}/agents/${agent.id}`, { mode: "speak" }));
	});
	return h("section.review", { "aria-label": "Shadow review" }, h("h3", "What it would have said in shadow"),
		hint(judged ? `You accepted ${accepted} of ${judged}.` : agent.mode === "shadow" ? SAY.shadow : SAY.notShadow),
		open.slice(0, 20).map((one) => {
			const row = template("shadowed");
			row.firstChild.append(h("time", clock(one.at)), ` ${one.text}`);
			return wire(row, { open: () => app.openRun(one.run), accept: () => answer(one, "accept"), reject: () => answer(one, "reject") });
		}),
		open.length > 20 ? hint(`and ${open.length - 20} more`) : "",
		agent.mode === "shadow" ? button({ onclick: promote }, "Promote: let it speak") : "");
}

function labels(app, room, agent, refit, attempt) {
	const path = `${room.path}/agents/${agent.id}/refit`;
	const words = refit.offset === null ? `${plural(refit.labels, "label")} so far; from ${refit.needed} on they can move its bar.`
		: `${plural(refit.labels, "label")} would move its bar by ${number(refit.offset, 2)}: ${refit.agreed_after} agree instead of ${refit.agreed_before}, and ${refit.flips.flipped.length} of ${refit.flips.runs} decisions flip.`;
	return h("section.review", h("h3", "What people said of it"), hint(words),
		refit.learned ? hint(`In force: ${number(refit.learned.offset, 2)}, from ${plural(refit.learned.labels, "label")}.`) : "",
		h("div.row",
			refit.offset === null ? "" : button({ onclick: () => attempt(() => app.client.post(path)) }, "Let them move it"),
			refit.learned ? button({ onclick: () => attempt(() => app.client.delete(path)) }, "Undo what was learned") : ""));
}

/** What an agent in mode `suggest` would say, above the composer: an owner says it, words it anew, or turns it down. */
export function suggestionElement(app, room, suggestion) {
	const element = template("suggestion");
	const [name, text] = element.querySelectorAll("strong, textarea");
	const answer = async (verdict) => {
		const said = text.value.trim();
		const words = verdict === "accept" && said && said !== suggestion.text ? { text: said } : {};
		try {
			room.suggested(await app.client.post(`/suggestions/${suggestion.run}`, { verdict, ...words }));
		} catch (error) {
			app.toast(problem(error));
			if (error.status === 409 || error.status === 404) room.suggested({ ...suggestion, state: "expired" });
		}
	};
	element.dataset.run = suggestion.run;
	name.textContent = room.nameOf(suggestion.agent);
	element.setAttribute("aria-label", `${name.textContent} suggests`);
	text.value = suggestion.text;
	return wire(element, { accept: () => answer("accept"), reject: () => answer("reject"), why: () => app.openRun(suggestion.run) });
}
