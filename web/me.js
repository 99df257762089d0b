/** "Me": everything that is kept and believed of this person, with what it comes from; to put right, take along or erase. */

import { bars, cards } from "./belief.js";
import { button, download, failure, h, hint, part, redraw, s, sheet, template, wire } from "./dom.js";
import { drawing, WIDTH } from "./draw.js";
import { clip, dayName, plural, SAY } from "./words.js";

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
	} catch (error) { body.replaceChildren(failure(error)); }
}

const room = (app, id) => app.rooms.get(id)?.name ?? "a room I left";

function consent(app, profile, act) {
	const switches = template("consent");
	for (const one of switches.querySelectorAll("input")) {
		one.checked = profile.consent[one.name];
		one.onchange = () => act(() => app.client.put("/me/consent", { ...profile.consent, [one.name]: one.checked }));
	}
	return part("What agents may do", switches);
}

function items(app, profile, act) {
	return part(`What is remembered (${profile.items.length})`, profile.items.length ? h("ul.kept", profile.items.map((item) => one(app, item, act)))
		: hint("Nothing yet."));
}

function one(app, item, act) {
	const patch = (change) => act(() => app.client.patch(`/me/profile/items/${item.id}`, change));
	const place = template("item");
	const [words, about, from, everybody, nobody] = place.querySelectorAll("input, p, details, button");
	words.value = item.text;
	words.onchange = () => { if (words.value.trim()) patch({ text: words.value.trim() }); };
	const hear = item.public ? "everybody" : item.audience.map((a) => a.name ?? "somebody gone").join(", ") || "nobody else";
	about.textContent = `${item.kind}, ${dayName(item.at)}, ${room(app, item.room)}${item.edited ? ", in my words" : `, ${Math.round(item.confidence * 100)} % sure`}${item.until ? `, held until ${dayName(item.until)}` : ""}. May be heard by ${hear}.`;
	from.firstChild.textContent = `Where it comes from (${item.sources.length})`;
	from.append(...item.sources.map((source) => h("blockquote", source.text ?? SAY.unreadable)));
	place.classList.toggle("over", Boolean(item.until));
	everybody.hidden = item.public;
	nobody.hidden = !item.public && !item.audience.length;
	return wire(place, {
		everybody: () => patch({ public: true }),
		nobody: () => patch({ public: false, audience: [] }),
		forget: () => forget(app, { item: item.id }, `Forget “${clip(item.text, 80)}”`, act),
	});
}

function summaries(app, profile, act) {
	if (!profile.summaries.length) return null;
	const put = (summary) => act(() => app.client.put("/me/profile", { summary }));
	return part("What agents keep in mind of me", profile.summaries.map((summary) => {
		const place = template("summary");
		const [head, text, from, , again] = place.querySelectorAll("summary, textarea, p, button");
		const where = room(app, summary.room);
		const mine = summary.by === "me";
		place.open = Boolean(summary.text);
		head.append(summary.text ? h("strong", where) : `${where}: nothing yet. Say it in my own words`);
		text.setAttribute("aria-label", `In ${where}`);
		text.value = summary.text;
		from.textContent = mine ? "My own words." : `Put together from ${plural(summary.sentences.length, "sentence")}.`;
		again.hidden = !mine;
		return wire(place, { say: () => put({ text: text.value, room: summary.room }), again: () => put({ text: null, room: summary.room }) });
	}));
}

function journeys({ journeys: all }) {
	if (!all.length) return null;
	const times = all.flatMap((j) => [Date.parse(j.first_seen), Date.parse(j.last_seen)]);
	const [first, last] = [Math.min(...times), Math.max(...times)];
	const x = (at) => 6 + ((Date.parse(at) - first) / Math.max(1, last - first)) * (WIDTH - 12);
	return part("What I keep coming back to", drawing(`Interests: ${all.map((j) => j.name).join(", ")}`, all.length * 26 + 6, all.map((j, i) => s("g", { class: "journey" },
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
	const account = template("account");
	const [goes, went, said, keep, cancel, yes] = account.querySelectorAll("strong, span, .account, input, button");
	goes.textContent = `${plural(items, "item")} and ${plural(messages, "message")} of mine go`;
	went.hidden = !what.everything;
	said.hidden = !words.length;
	said.append(...words.map((one) => h("blockquote", clip(one, 200))), words.length === 40 ? hint("and more") : "");
	const { open, dialog } = sheet(title, "small forget", ...account.children);
	cancel.onclick = () => dialog.close();
	yes.onclick = () => dialog.close("yes");
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
	wire(ways, {
		export: () => act(async () => download(`aside-${profile.name}.json`, "application/json", JSON.stringify(await app.client.get("/me/export"), null, 2))),
		topic: () => { if (topic.value.trim()) forget(app, { topic: topic.value.trim() }, `Forget everything about “${clip(topic.value.trim(), 60)}”`, act); },
		room: () => forget(app, { room: where.value }, `Forget ${room(app, where.value)}`, act),
		everything: () => forget(app, { everything: true }, "Forget everything about me", act),
	});
	return part("Take along, or erase", ways);
}
