/** What the forms of a room, an agent and a replay share: who an agent is, how readily it speaks, what it may do. */

import { formSheet, template } from "./dom.js";

/** The fields of an agent, filled in from `agent` (an AgentView) where one is given. */
export function agentFields(agent = null) {
	const fields = template("agent-fields");
	if (!agent) return fields;
	const set = (name, value) => { fields.querySelector(`[name=${name}]`).value = value; };
	set("agent", agent.name);
	set("persona", agent.persona);
	set("memories", agent.memories.join("\n"));
	for (const [name, value] of [["preset", agent.policy.preset], ["mode", agent.mode]]) fields.querySelector(`[name=${name}][value=${value}]`).defaultChecked = true;
	return fields;
}

/** What they say: {name, persona, memories, mode} and the preset. */
export function agentOf(data) {
	const text = (name) => (data.get(name) ?? "").trim();
	return {
		preset: text("preset"),
		agent: { name: text("agent"), persona: text("persona"), memories: text("memories").split("\n").map((line) => line.trim()).filter(Boolean), mode: text("mode") },
	};
}

/** The dialog that makes a room, with its first agent. */
export function openRoomForm(app) {
	const fields = agentFields();
	const [name, agentToo] = template("room-fields").children;
	const withAgent = agentToo.firstChild;
	withAgent.onchange = () => { fields.disabled = !withAgent.checked; };
	const make = async (form) => {
		const data = new FormData(form);
		const { agent, preset } = agentOf(data);
		app.add(await app.client.post("/rooms", { name: data.get("room").trim(), agent: withAgent.checked ? { ...agent, policy: { preset } } : null }));
	};
	return formSheet("New room", make, name, agentToo, fields, "Make the room").open();
}
