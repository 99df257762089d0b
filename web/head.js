/** What stands around the log: the header, who is typing, and what is there without a room. */

import { button, h, hint, icon, iconButton, template } from "./dom.js";
import { startSample } from "./replay.js";
import { plural, SAY } from "./words.js";

export function headOf(chat) {
	const { app, room } = chat;
	const menu = iconButton("menu", "Rooms", (event) => { event.stopPropagation(); app.toggleRooms(true); }, { class: "icon-button only-narrow" });
	if (!room) return [menu, h("h1", `Welcome, ${app.me.name}`)];
	const members = [...room.members.values()];
	const online = members.filter((m) => m.online && m.role !== "agent").length;
	const agents = room.agents.map((a) => a.name + (a.mode === "speak" ? "" : ` (${a.mode})`)).join(", ");
	const mind = room.watching ? h("button", {
		class: "mind-toggle", "aria-pressed": String(app.mindOpen), onclick: () => app.toggleMind(), title: "What the agent thinks",
	}, icon("mind"), h("span", "Mind")) : null;
	return [menu,
		h("div.title", h("h1", room.name),
			h("p", [plural(members.filter((m) => m.role !== "agent").length, "person", "people"), `${online} online`, agents].filter(Boolean).join(" · "))),
		iconButton("search", "Search", () => chat.search.open()),
		iconButton("people", "People and invites", () => app.people(), { class: "icon-button people-button" }), ...(mind ? [mind] : [])];
}

export function typists(room) {
	const names = [...room.typing.keys()].map((id) => room.nameOf(id));
	if (!names.length) return [];
	const who = names.length > 3 ? "Several people are" : `${names.join(names.length === 2 ? " and " : ", ")} ${names.length > 1 ? "are" : "is"}`;
	return [h("span.dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${who} typing`];
}

export function emptyRoom(app) {
	const empty = template("empty");
	empty.append(h("button.primary", { onclick: () => startSample(app) }, icon("play"), "Watch a sample room"),
		hint(SAY.sample),
		button({ onclick: () => app.newRoom() }, icon("plus"), "Make a room"), hint(SAY.make));
	return empty;
}
