/** The dialog that makes a room, with its first agent. */

import { formSheet, h } from "./dom.js";
import { agentFields, agentOf, field } from "./fields.js";
import { problem } from "./words.js";

export function openRoomForm(app) {
	const fields = agentFields();
	const withAgent = h("input", { type: "checkbox", checked: true, onchange: () => { fields.disabled = !withAgent.checked; } });
	const { dialog, status, open } = formSheet("New room", make,
		field("Name of the room", h("input", { name: "room", required: true, maxlength: 64, pattern: ".*\\S.*", placeholder: "Weekend plans" })),
		h("label.check", withAgent, "An agent joins the room"), fields, "Make the room");

	async function make(form) {
		const data = new FormData(form);
		const { agent, preset } = agentOf(data);
		try {
			app.add(await app.client.post("/rooms", { name: data.get("room").trim(), agent: withAgent.checked ? { ...agent, policy: { preset } } : null }));
			dialog.close();
		} catch (error) { status.textContent = problem(error); }
	}
	return open();
}
