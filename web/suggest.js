/** What an agent in mode `suggest` would say, above the composer: an owner says it, words it anew, or turns it down. */

import { button, h } from "./dom.js";
import { problem } from "./words.js";

export function suggestionElement(app, room, suggestion) {
	const text = h("textarea", { rows: 2, "aria-label": "What it would say", maxlength: 8000 }, suggestion.text);
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
	return h("section.suggestion", { "data-run": suggestion.run, "aria-label": `${room.nameOf(suggestion.agent)} suggests` },
		h("p", h("strong", room.nameOf(suggestion.agent)), " would say"), text,
		h("div.row",
			h("button.primary", { onclick: () => answer("accept") }, "Let it say this"),
			button({ onclick: () => answer("reject") }, "Not now"),
			h("button.link", { onclick: () => app.openRun(suggestion.run) }, "Why?")));
}
