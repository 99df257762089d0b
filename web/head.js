/** What stands around the log: the header, who is typing, and what is there without a room. */

import { h, template, wire } from "./dom.js";
import { startSample } from "./replay.js";
import { plural } from "./words.js";

export function headOf(chat) {
	const { app, room } = chat;
	const head = wire(template("head"), {
		menu: (event) => { event.stopPropagation(); app.toggleRooms(true); },
		search: () => chat.search.open(), people: () => app.people(), mind: () => app.toggleMind(),
	});
	const [menu, title, , , mind] = head.children;
	if (!room) return [menu, h("h1", `Welcome, ${app.me.name}`)];
	const members = [...room.members.values()];
	const online = members.filter((m) => m.online && m.role !== "agent").length;
	const agents = room.agents.map((a) => a.name + (a.mode === "speak" ? "" : ` (${a.mode})`)).join(", ");
	if (!room.watching) mind.remove();
	mind.setAttribute("aria-pressed", app.mindOpen);
	title.append(h("h1", room.name),
		h("p", [plural(members.filter((m) => m.role !== "agent").length, "person", "people"), `${online} online`, agents].filter(Boolean).join(" · ")));
	return [...head.children];
}

export function typists(room) {
	const names = [...room.typing.keys()].map((id) => room.nameOf(id));
	if (!names.length) return [];
	const who = names.length > 3 ? "Several people are" : `${names.join(names.length === 2 ? " and " : ", ")} ${names.length > 1 ? "are" : "is"}`;
	return [h("span.dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${who} typing`];
}

export function emptyRoom(app) {
	return wire(template("empty"), { sample: () => startSample(app), room: () => app.newRoom() });
}
