/** "Why?" and "why not?" about one message, in words, for every member; and what one thinks of the decision. */

import { button, failure, h, hint, sheet } from "./dom.js";
import { against, BRANCH, clip, number, problem, SAY, VERDICTS } from "./words.js";

/** Opens the dialog about `message`: of an agent's, why it was said; of any other, why each agent spoke about it or did not. */
export async function openWhy(app, room, message) {
	const body = h("div.whys", { "aria-live": "polite" }, hint("Looking it up…"));
	const agent = message.author.kind === "agent";
	const { dialog, open } = sheet(agent ? "Why this?" : "Why, or why not?", "why", h("p.about", h("strong", message.author.name), ` ${clip(message.text, 160)}`), body);
	open();
	try {
		const { whys, words } = await app.client.get(`${room.path}/why?seq=${message.seq}`);
		body.replaceChildren(...whys.map((why) => one(app, room, why, dialog)), ...words.map((w) => h("p", w)), ...verdicts(app, room, message, whys));
	} catch (error) { body.replaceChildren(failure(error)); }
}

function one(app, room, why, dialog) {
	return h("section.why-one", h("h3", room.nameOf(why.agent)),
		why.words.map((w) => h("p", w)),
		against(why.motivation, why.bar) && hint(`Motivation ${number(why.motivation, 2)} against a bar of ${number(why.bar, 2)}; ${BRANCH[why.branch] ?? why.branch}.`),
		room.watching ? h("button.link", { onclick: () => { dialog.close(); app.openRun(why.run); } }, "Everything it weighed") : null);
}

/** Buttons for what may be said of it: good or too much of an agent's message, "should have spoken" of a silence. */
function verdicts(app, room, message, whys) {
	if (room.role === "observer") return [];
	const said = message.author.kind === "agent";
	const choices = said ? VERDICTS.said : whys.every((w) => w.act !== "speak") ? VERDICTS.silent : [];
	if (!choices.length) return [];
	const status = hint({ role: "status" }, SAY.labels);
	const give = async (verdict) => {
		try {
			const agents = !said && room.agents.length > 1 && whys.length ? { agent: whys[0].agent } : {};
			await app.client.post(`${room.path}/feedback`, { seq: message.seq, verdict, ...agents });
			status.textContent = "Noted. Thank you.";
		} catch (error) { status.textContent = problem(error); }
	};
	return [h("div.row", choices.map(([verdict, words]) => button({ onclick: () => give(verdict) }, words))), status];
}
