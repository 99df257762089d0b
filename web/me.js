/** "Me": everything that is kept and believed of this person, with what it comes from; to put right, take along or erase. */

import { bars, cards } from "./belief.js";
import { button, download, h, hint, redraw, sheet, template } from "./dom.js";
import { drawing, s, WIDTH } from "./draw.js";
import { clip, dayName, plural, problem, SAY } from "./words.js";

export function openMe(app) {
	const body = h("div.me");
	const { open } = sheet(`What is kept of ${app.me.name}`, "me-dialog", body);
	draw(app, body);
	return open();
}

async function draw(app, body) {
	try {
		const [profile, { beliefs }, taste] = await Promise.all(["profile", "beliefs", "taste"].map((part) => app.client.get(`/me/${part}`)));
		const act = (work) => app.attempt(async () => {
			await work();
			await draw(app, body);
		});
		const scroll = body.closest("dialog")?.scrollTop;
		redraw(body, [consent(app, profile, act), items(app, profile, act), summaries(app, profile, act), journeys(profile), bars(app, beliefs, act), cards(app, taste), leave(app, profile, act)].filter(Boolean));
		if (scroll) body.closest("dialog").scrollTop = scroll;
	} catch (error) { body.replaceChildren(h("p.problem", { role: "alert" }, problem(error))); }
}

const section = (title, ...children) => h("section.me-part", h("h3", title), ...children);
const room = (app, id) => app.rooms.get(id)?.name ?? "a room I left";

function consent(app, profile, act) {
	const switches = template("consent");
	for (const one of switches.querySelectorAll("input")) {
		one.checked = profile.consent[one.name];
		one.onchange = () => act(() => app.client.put("/me/consent", { ...profile.consent, [one.name]: one.checked }));
	}
	return section("What agents may do", switches);
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
			item.public ? "" : button({ onclick: () => patch({ public: true }) }, "Everybody may hear it"),
			item.public || item.audience.length ? button({ onclick: () => patch({ public: false, audience: [] }) }, "Keep to myself") : "",
			button({ onclick: () => forget(app, { item: item.id }, `Forget “${clip(item.text, 80)}”`, act) }, "Forget")));
}

function summaries(app, profile, act) {
	if (!profile.summaries.length) return null;
	const put = (summary) => act(() => app.client.put("/me/profile", { summary }));
	return section("What agents keep in mind of me", profile.summaries.map((summary) => {
		const text = h("textarea", { rows: 3, "aria-label": `In ${room(app, summary.room)}`, maxlength: 4000 }, summary.text);
		const where = room(app, summary.room);
		return h("details.field", { open: Boolean(summary.text) }, h("summary", summary.text ? h("strong", where) : `${where}: nothing yet. Say it in my own words`), text, hint(summary.by === "me" ? "My own words." : `Put together from ${plural(summary.sentences.length, "sentence")}.`),
			h("div.row", button({ onclick: () => put({ text: text.value, room: summary.room }) }, "Say it so"),
				summary.by === "me" ? button({ onclick: () => put({ text: null, room: summary.room }) }, "Put it together again") : ""));
	}));
}

function journeys({ journeys: all }) {
	if (!all.length) return null;
	const times = all.flatMap((j) => [Date.parse(j.first_seen), Date.parse(j.last_seen)]);
	const [first, last] = [Math.min(...times), Math.max(...times)];
	const x = (at) => 6 + ((Date.parse(at) - first) / Math.max(1, last - first)) * (WIDTH - 12);
	return section("What I keep coming back to", drawing(`Interests: ${all.map((j) => j.name).join(", ")}`, all.length * 26 + 6, all.map((j, i) => s("g", { class: "journey" },
		s("text", { x: Math.min(x(j.first_seen), WIDTH - 120), y: i * 26 + 13 }, clip(j.name, 40)),
		s("line", { x1: x(j.first_seen), x2: Math.max(x(j.last_seen), x(j.first_seen) + 3), y1: i * 26 + 20, y2: i * 26 + 20 }),
		s("title", {}, `${j.name}: ${dayName(j.first_seen)} to ${dayName(j.last_seen)}`)))), h("p.axis", h("time", dayName(first)), h("time", dayName(last))));
}

/** Asks first, and says afterwards what went. */
async function forget(app, what, title, act) {
	const would = await app.attempt(() => app.client.post("/me/forget", { ...what, preview: true }));
	if (!would) return;
	const { items, messages, words } = would;
	if (!items && !messages && !what.everything) { app.toast("Nothing of that is kept."); return; }
	const keep = h("input", { type: "checkbox" });
	const { open, dialog } = sheet(title, "small forget", h("p", h("strong", `${plural(items, "item")} and ${plural(messages, "message")} of mine go`),
		` from memory, from what is concluded of them, from thoughts, stored runs, suggestions and caches${what.everything ? "; and every belief, answer and verdict of mine with them" : ""}. This cannot be undone.`),
		words.length ? h("div.account", { tabindex: 0 }, words.map((one) => h("blockquote", clip(one, 200))), words.length === 40 ? hint("and more") : null) : "",
		h("label.check", keep, SAY.keep),
		h("div.actions", button({ onclick: () => dialog.close() }, "Cancel"), h("button.primary", { onclick: () => dialog.close("yes") }, "Forget it")));
	if (await open() !== "yes") return;
	await act(async () => {
		const gone = await app.client.post("/me/forget", { ...what, keep_messages: keep.checked });
		app.toast(`Gone: ${plural(gone.items, "item")}, ${plural(gone.messages, "message")}, and the words of ${plural(gone.thoughts, "thought")}.`);
	});
}

function leave(app, profile, act) {
	const ways = template("leave");
	const [topic, where] = ways.querySelectorAll("input, select");
	where.append(...[...app.rooms.values()].map((r) => h("option", { value: r.id }, r.name)));
	where.parentElement.hidden = !app.rooms.size;
	const on = (name, work) => { ways.querySelector(`[name=${name}]`).onclick = work; };
	on("export", () => act(async () => download(`aside-${profile.name}.json`, "application/json", JSON.stringify(await app.client.get("/me/export"), null, 2))));
	on("topic", () => { if (topic.value.trim()) forget(app, { topic: topic.value.trim() }, `Forget everything about “${clip(topic.value.trim(), 60)}”`, act); });
	on("room", () => forget(app, { room: where.value }, `Forget ${room(app, where.value)}`, act));
	on("everything", () => forget(app, { everything: true }, "Forget everything about me", act));
	return section("Take along, or erase", ways);
}
