/** The dialog of a room's people: members and presence, agents, invites, and a second person in a new tab. */

import { gear, openAgentForm } from "./agent.js";
import { avatar, button, h, heading, hint, iconButton, part, showModal, template } from "./dom.js";
import { inviteLink } from "./session.js";
import { observes } from "./welcome.js";
import { problem, SAY } from "./words.js";

const ORDER = { owner: 0, member: 1, observer: 2, agent: 3 };

export function openPeople(app) {
	const { room } = app;
	const dialog = h("dialog.people", { "aria-label": `People in ${room.name}` });
	const list = h("ul.members");
	const fill = () => list.replaceChildren(...[...room.members.values()]
		.sort((a, b) => ORDER[a.role] - ORDER[b.role] || a.name.localeCompare(b.name)).map((m) => row(app, room, m, dialog)));
	fill();
	const shut = new AbortController();
	for (const type of ["members", "agents"]) room.addEventListener(type, fill, { signal: shut.signal });
	dialog.addEventListener("close", () => shut.abort());
	dialog.append(
		heading(room.name, () => dialog.close()),
		room.role === "observer" ? "" : invite(app, room),
		part("In this room", list),
		room.role === "owner" ? button({ onclick: () => { dialog.close(); openAgentForm(app, room, null); } }, "Add an agent") : "",
		observes(), room.notice ? hint(room.notice) : "");
	showModal(dialog);
}

function row(app, room, member, dialog) {
	const agent = room.agents.find((a) => a.id === member.id);
	const me = member.id === app.me.id;
	const remove = async () => {
		const question = me ? `Leave ${room.name}?` : `Remove ${member.name} from ${room.name}?${agent ? SAY.goWithIt : ""}`;
		if (!(await app.confirm(question, me ? "Leave" : "Remove"))) return;
		await app.attempt(() => app.client.delete(`${room.path}/${agent ? "agents" : "members"}/${member.id}`).then(() => { if (me) dialog.close(); }));
	};
	return h("li", { class: member.online ? "online" : "" }, avatar(member),
		h("div.who", h("strong", member.name), me ? " (you)" : "",
			h("small", [member.role, member.role === "agent" ? agent?.mode : member.online ? "online" : "away"].filter(Boolean).join(" · "))),
		agent && room.role === "owner" ? gear(app, room, agent, () => dialog.close()) : null,
		(me ? room.role !== "owner" : room.role === "owner") ? iconButton("close", me ? "Leave the room" : `Remove ${member.name}`, remove) : null);
}

function invite(app, room) {
	const place = template("invite");
	const [link, role, second, copied] = place.querySelectorAll("input, select, a, span");
	if (room.role !== "owner") role.lastChild.remove();
	const copy = async () => {
		link.select();
		try {
			await navigator.clipboard.writeText(link.value);
			copied.textContent = "Copied.";
		} catch { copied.textContent = SAY.selected; }
	};
	const make = async () => {
		try {
			const made = await app.client.post(`${room.path}/invites`, { role: role.value });
			link.value = inviteLink(made);
			second.href = inviteLink(made, { asNew: true });
			second.removeAttribute("aria-disabled");
			copied.textContent = "";
		} catch (error) { link.value = ""; copied.textContent = problem(error); }
	};
	link.onfocus = () => link.select();
	role.onchange = make;
	place.querySelector("button").onclick = copy;
	make();
	return place;
}
