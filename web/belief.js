/** How agents believe that one wants to be spoken to: bars with their uncertainty, set by hand; and ten questions as two cards. */

import { button, filled, h, hint, part } from "./dom.js";
import { clip, number, percent, problem, SAY } from "./words.js";

const title = (name) => name.replaceAll("_", " ").replace(/^./, (c) => c.toUpperCase());

export function bars(app, beliefs, act) {
	const set = (one, value) => act(() => app.client.put(`/me/beliefs/${one.dimension}`, { value: value || null }));
	return part("How I like to be spoken to", beliefs.map((one) => h("div.belief", { vars: { "--sure": one.by_hand ? 1 : 1 - one.uncertainty } },
		h("div.row", h("strong", title(one.dimension)), h("span.hint", one.by_hand ? "set by me" : `${percent(one.uncertainty)} unsure`),
			h("select", { "aria-label": `Set ${title(one.dimension)}`, onchange: (event) => set(one, event.target.value) }, h("option", { value: "" }, SAY.unset),
				Object.keys(one.values).map((value) => h("option", { value, selected: one.by_hand && value === one.likeliest }, value)))),
		h("dl", Object.entries(one.values).map(([value, p]) => h("div.chance", { vars: { "--value": p } }, h("dt", value), h("dd", filled(), percent(p))))),
		one.evidence.length ? h("details", h("summary", `Because of ${one.evidence.length === 1 ? "this" : `these ${one.evidence.length}`}`), one.evidence.map((e) => h("blockquote", clip(e.text, 300)))) : null)));
}

/** Two replies to the same message; choosing one brings the next two. */
export function cards(app, taste) {
	const place = h("div.pair", { "aria-live": "polite" });
	const likings = hint();
	const show = ({ answered, likings: all }) => {
		const strong = all.filter((l) => Math.abs(l.mean) > l.deviation).map((l) => `${l.mean < 0 ? "not " : ""}${title(l.attribute).toLowerCase()} (${number(l.mean)} ± ${number(l.deviation)})`);
		likings.textContent = answered ? `${answered} answered. ${strong.length ? `I seem to like: ${strong.join(", ")}.` : "Nothing sure yet."}` : "";
	};
	const next = async () => {
		try {
			const pair = await app.client.get("/me/questions/next");
			const answer = (choice) => app.client.post(`/me/questions/${pair.id}`, { choice }).then((found) => { show(found); return next(); });
			place.replaceChildren(h("p", h("strong", `“${pair.message}”`), ` Which answer would you like better? (${pair.answered + 1}${pair.answered < 10 ? " of 10" : ""})`),
				h("div.cards.two", ["first", "second"].map((which) => button({ class: "card", onclick: () => app.attempt(() => answer(which)) }, pair[which]))), h("button.link", { onclick: () => app.attempt(() => answer("neither")) }, "Neither"));
		} catch (error) { place.replaceChildren(hint(error.status === 404 ? SAY.noQuestion : problem(error))); }
	};
	show(taste);
	place.append(button({ onclick: next }, "Ask me"));
	return part("Ten questions", hint(SAY.questions), place, likings);
}
