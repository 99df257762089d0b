/** The dialog of one agent: who it is, what it may do, and each bound of its policy. */

import { button, formSheet, h, hint } from "./dom.js";
import { agentFields, agentOf } from "./fields.js";
import { clock, problem } from "./words.js";

/** Groups of [name, label, unit, min, max, step, default (null: from the preset), meaning], as they are shown. */
let bounds = null;

/** Opens the form for `agent` (an AgentView), or for a new agent of `room` when it is null. */
export async function openAgentForm(app, room, agent) {
	bounds ??= await (await fetch("/bounds.json")).json();
	const policy = agent?.policy ?? {};
	const quiet = policy.quiet_hours;
	const { dialog, status, open } = formSheet(agent ? `Settings of ${agent.name}` : "New agent", save,
		agent ? hint(`Model ${agent.model} · policy version ${agent.policy_version}`) : "", agent ? mute() : "", agentFields(agent),
		h("details.bounds", h("summary", "Every bound of its policy"),
			hint("Empty: from the preset, or the default shown in the field."),
			bounds.map(([title, rows]) => h("fieldset", h("legend", title), rows.map((row) => bound(row, policy)))),
			h("fieldset", h("legend", "Quiet hours"), h("div.bound",
				h("label", "from ", h("input", { type: "time", name: "quietStart", value: quiet?.start ?? "" })),
				h("label", "to ", h("input", { type: "time", name: "quietEnd", value: quiet?.end ?? "" })),
				h("label", "in ", h("input", { name: "quietZone", class: "zone", value: quiet?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone }))),
			hint("It says nothing unasked between these times. Empty: no quiet hours."))), agent ? "Save" : "Add");

	function mute() {
		const until = agent.mute_until && new Date(agent.mute_until) > new Date() ? agent.mute_until : null;
		const set = (mute_until) => put({ mute_until }, () => dialog.close());
		return h("div.mute.row", h("span", until ? `Muted until ${clock(until)}.` : "It is listening."),
			until ? button({ onclick: () => set(null) }, "Unmute")
				: button({ onclick: () => set(new Date(Date.now() + 3_600_000).toISOString()) }, "Mute for an hour"));
	}

	async function put(change, done) {
		try {
			const saved = agent
				? await app.client.put(`/rooms/${room.id}/agents/${agent.id}`, change)
				: await app.client.post(`/rooms/${room.id}/agents`, change);
			room.setAgents(room.agents.filter((a) => a.id !== saved.id).concat(saved));
			done();
		} catch (error) { status.textContent = problem(error); }
	}

	function save(form) {
		const data = new FormData(form);
		return put({ ...agentOf(data).agent, policy: policyOf(data, policy) }, () => dialog.close());
	}

	return open();
}

function bound([name, label, unit, min, max, step, preset, meaning], policy) {
	const stored = policy[name];
	const value = stored === null || stored === undefined || stored === preset ? "" : stored;
	const id = `bound-${name}`;
	return h("div.bound",
		h("label", { for: id }, label),
		h("input", { id, name, type: "number", min, max, step: "any", value, placeholder: preset ?? "preset", "aria-describedby": `${id}-hint`, inputmode: step < 1 ? "decimal" : "numeric" }),
		h("span.unit", unit), h("p.hint", { id: `${id}-hint` }, meaning));
}

/** The PolicyView that the form describes; what is left empty is left out. */
function policyOf(data, before) {
	const policy = { preset: data.get("preset"), weights: before.weights ?? {} }; // weights are moved on the bench
	for (const [name, , , , , step] of bounds.flatMap(([, rows]) => rows)) {
		const value = data.get(name).trim();
		if (value !== "") policy[name] = step === 1 && name !== "pause" ? Math.round(Number(value)) : Number(value);
	}
	const [start, end, zone] = ["quietStart", "quietEnd", "quietZone"].map((name) => data.get(name).trim());
	if (start && end) policy.quiet_hours = { start, end, zone: zone || "UTC" };
	return policy;
}
