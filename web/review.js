/** Looking back: what an agent in shadow would have said, to accept or reject, and what people's verdicts would change. */

import { button, h, hint } from "./dom.js";
import { clock, number, plural } from "./words.js";

/** Fills `place`; for owners. */
export async function review(place, app, room, agent) {
	if (room.role !== "owner") return;
	const [shadow, refit] = await Promise.all([
		app.client.get(`/rooms/${room.id}/suggestions?mode=shadow`), app.client.get(`/rooms/${room.id}/agents/${agent.id}/refit`),
	]);
	const attempt = (work) => app.attempt(async () => {
		await work();
		await review(place, app, room, agent);
	});
	place.replaceChildren(queue(app, room, agent, shadow.suggestions.filter((s) => s.agent === agent.id), attempt), labels(app, room, agent, refit, attempt));
}

function queue(app, room, agent, all, attempt) {
	const open = all.filter((s) => s.state === "open");
	const accepted = all.filter((s) => s.state === "accepted").length;
	const judged = accepted + all.filter((s) => s.state === "rejected").length;
	const answer = (one, verdict) => attempt(() => app.client.post(`/suggestions/${one.run}`, { verdict }));
	const promote = () => attempt(async () => {
		const saved = await app.client.put(`/rooms/${room.id}/agents/${agent.id}`, { mode: "speak" });
		room.setAgents(room.agents.map((a) => (a.id === saved.id ? saved : a)));
	});
	return h("section.review", { "aria-label": "Shadow review" }, h("h3", "What it would have said in shadow"),
		hint(judged ? `You accepted ${accepted} of ${judged}.` : agent.mode === "shadow" ? "It thinks and says nothing; what it would have said comes here." : "In shadow mode, what it would have said comes here."),
		open.slice(0, 20).map((one) => h("div.shadowed",
			h("button.stimulus-link", { onclick: () => app.openRun(one.run) }, h("time", clock(one.at)), ` ${one.text}`),
			h("div.row", button({ onclick: () => answer(one, "accept") }, "Yes, say such things"), button({ onclick: () => answer(one, "reject") }, "No")))),
		open.length > 20 ? hint(`and ${open.length - 20} more`) : "",
		agent.mode === "shadow" ? button({ onclick: promote }, "Promote: let it speak") : "");
}

function labels(app, room, agent, refit, attempt) {
	const path = `/rooms/${room.id}/agents/${agent.id}/refit`;
	const words = refit.offset === null ? `${plural(refit.labels, "label")} so far; from ${refit.needed} on they can move its bar.`
		: `${plural(refit.labels, "label")} would move its bar by ${number(refit.offset, 2)}: ${refit.agreed_after} agree instead of ${refit.agreed_before}, and ${refit.flips.flipped.length} of ${refit.flips.runs} decisions flip.`;
	return h("section.review", h("h3", "What people said of it"), hint(words),
		refit.learned ? hint(`In force: ${number(refit.learned.offset, 2)}, from ${plural(refit.learned.labels, "label")}.`) : "",
		h("div.row",
			refit.offset === null ? "" : button({ onclick: () => attempt(() => app.client.post(path)) }, "Let them move it"),
			refit.learned ? button({ onclick: () => attempt(() => app.client.delete(path)) }, "Undo what was learned") : ""));
}
