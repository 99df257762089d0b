/** "Me": everything that is kept and believed of this person, with what it comes from; to put right, take along or erase. */

import { bars, cards } from "./belief.js";
import { button, h, hint, sheet } from "./dom.js";
import { drawing, s, WIDTH } from "./draw.js";
import { clip, dayName, plural, problem } from "./words.js";

const CONSENT = [
	["observe", "Observe", "Agents read what I write when they think."],
	["remember", "Remember", "They keep items of it, and use them."],
	["infer", "Infer", "They conclude more about me than I said."],
];

export function openMe(app) {
	const body = h("div.me");
	const { open } = sheet(`What is kept of ${app.me.name}`, "me-dialog", body);
	draw(app, body);
	return open();
}

/** Sections whose route this server does not have are left out. */
async function draw(app, body) {
	const ask = (path) => app.client.get(path).catch((error) => { if (error.status !== 404) throw error; return null; });
	try {
		const [profile, beliefs, taste] = await Promise.all([ask("/me/profile"), ask("/me/beliefs"), ask("/me/taste")]);
		const act = async (work) => {
			try {
				await work();
				await draw(app, body);
			} catch (error) { app.toast(problem(error)); }
		};
		const scroll = body.closest("dialog")?.scrollTop;
		body.replaceChildren(...[
			profile && consent(app, profile, act), profile && items(app, profile, act), profile?.summaries && summaries(app, profile, act),
			profile?.journeys?.length && journeys(profile), beliefs && bars(app, beliefs.beliefs, act), taste && cards(app, taste),
			profile && leave(app, profile, act), !profile && !beliefs && hint("This server keeps no profile of anybody."),
		].filter(Boolean));
		if (scroll) body.closest("dialog").scrollTop = scroll;
	} catch (error) { body.replaceChildren(h("p.problem", { role: "alert" }, problem(error))); }
}

const section = (title, ...children) => h("section.me-part", h("h3", title), ...children);
const room = (app, id) => app.rooms.get(id)?.name ?? "a room I left";

function consent(app, profile, act) {
	return section("What agents may do", CONSENT.map(([name, label, meaning]) => h("label.check", h("input", {
		type: "checkbox", name, prop: { checked: profile.consent[name] },
		onchange: (event) => act(() => app.client.put("/me/consent", { ...profile.consent, [name]: event.target.checked })),
	}), h("span", label, h("small", ` ${meaning}`)))), hint("Holds from now on, in every room. What is kept already is erased further down."));
}

function items(app, profile, act) {
	return section(`What is remembered (${profile.items.length})`, profile.items.length ? h("ul.kept", profile.items.map((item) => one(app, item, act)))
		: hint("Nothing yet."));
}

function one(app, item, act) {
	const patch = (change) => act(() => app.client.patch(`/me/profile/items/${item.id}`, change));
	const words = h("input", { value: item.text, "aria-label": "What is remembered", maxlength: 2000, onchange: (event) => { if (event.target.value.trim()) patch({ text: event.target.value.trim() }); } });
	const hear = item.public ? "everybody" : item.audience.map((a) => a.name ?? "somebody gone").join(", ") || "nobody else";
	return h("li", { class: item.until ? "over" : "", "data-item": item.id }, words,
		hint(`${item.kind}, ${dayName(item.at)}, ${room(app, item.room)}${item.edited ? ", in my words" : `, ${Math.round(item.confidence * 100)} % sure`}${item.until ? `, held until ${dayName(item.until)}` : ""}. May be heard by ${hear}.`),
		h("details", h("summary", `Where it comes from (${item.sources.length})`), item.sources.map((source) => h("blockquote", source.text ?? "a message that cannot be read any more"))),
		h("div.row",
			item.public ? button({ onclick: () => patch({ public: false, audience: [] }) }, "Keep to myself") : button({ onclick: () => patch({ public: true }) }, "Everybody may hear it"),
			item.public || !item.audience.length ? "" : button({ onclick: () => patch({ audience: [] }) }, "Keep to myself"),
			button({ onclick: () => forget(app, { item: item.id }, `Forget “${clip(item.text, 80)}”`, act) }, "Forget")));
}

function summaries(app, profile, act) {
	if (!profile.summaries.length) return null;
	const put = (summary) => act(() => app.client.put("/me/profile", { summary }));
	return section("What agents keep in mind of me", profile.summaries.map((summary) => {
		const text = h("textarea", { rows: 3, "aria-label": `In ${room(app, summary.room)}`, maxlength: 4000 }, summary.text);
		return h("div.field", h("strong", room(app, summary.room)), text, hint(summary.by === "me" ? "My own words." : `Put together from ${plural(summary.sentences.length, "sentence")}.`),
			h("div.row", button({ onclick: () => put({ text: text.value, room: summary.room }) }, "Say it so"),
				summary.by === "me" ? button({ onclick: () => put({ text: null, room: summary.room }) }, "Put it together again") : ""));
	}));
}

function journeys({ journeys: all }) {
	const times = all.flatMap((j) => [Date.parse(j.first_seen), Date.parse(j.last_seen)]);
	const [first, last] = [Math.min(...times), Math.max(...times)];
	const x = (at) => 6 + ((Date.parse(at) - first) / Math.max(1, last - first)) * (WIDTH - 12);
	return section("What I keep coming back to", drawing(`Interests: ${all.map((j) => j.name).join(", ")}`, all.length * 26 + 6, all.map((j, i) => s("g", { class: "journey" },
		s("text", { x: Math.min(x(j.first_seen), WIDTH - 120), y: i * 26 + 13 }, clip(j.name, 40)),
		s("line", { x1: x(j.first_seen), x2: Math.max(x(j.last_seen), x(j.first_seen) + 3), y1: i * 26 + 20, y2: i * 26 + 20 }),
		s("title", {}, `${j.name}: ${dayName(j.first_seen)} to ${dayName(j.last_seen)}, ${plural(j.items.length, "item")}`)))));
}

/** Asks first, and says afterwards what went. */
async function forget(app, what, title, act) {
	const keep = h("input", { type: "checkbox" });
	const { open, dialog } = sheet(title, "small", h("p", "It goes from memory, from what is concluded of it, from thoughts, stored runs, suggestions and caches. This cannot be undone."),
		h("label.check", keep, "Leave my messages in the rooms; no agent reads them any more"),
		h("div.actions", button({ onclick: () => dialog.close() }, "Cancel"), button({ class: "primary", onclick: () => dialog.close("yes") }, "Forget it")));
	if (await open() !== "yes") return;
	await act(async () => {
		const gone = await app.client.post("/me/forget", { ...what, keep_messages: keep.checked });
		app.toast(`Gone: ${plural(gone.items, "item")}, ${plural(gone.messages, "message")}, and the words of ${plural(gone.thoughts, "thought")}.`);
	});
}

function leave(app, profile, act) {
	const topic = h("input", { placeholder: "a topic", "aria-label": "Topic to forget", maxlength: 200 });
	const where = h("select", { "aria-label": "Room to forget" }, [...app.rooms.values()].map((r) => h("option", { value: r.id }, r.name)));
	return section("Take along, or erase",
		h("div.row", button({ onclick: () => act(async () => save(`aside-${profile.name}.json`, await app.client.get("/me/export"))) }, "Export as a file")),
		h("div.row", topic, button({ onclick: () => { if (topic.value.trim()) forget(app, { topic: topic.value.trim() }, `Forget everything about “${clip(topic.value.trim(), 60)}”`, act); } }, "Forget this topic")),
		where.children.length ? h("div.row", where, button({ onclick: () => forget(app, { room: where.value }, `Forget ${room(app, where.value)}`, act) }, "Forget this room")) : "",
		h("div.row", button({ onclick: () => forget(app, { everything: true }, "Forget everything about me", act) }, "Forget everything")));
}

function save(name, content) {
	const link = h("a", { download: name, href: URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" })) });
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
