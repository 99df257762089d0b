/** The dialog of one agent: who it is, what it may do, and each bound of its policy. */

import { button, formSheet, h, hint, iconButton, template, wire } from "./dom.js";
import { agentFields, agentOf } from "./fields.js";
import { clock, SAY } from "./words.js";

/** Groups of [name, label, unit, min, max, step, default (null: from the preset), meaning], as they are shown. */
let bounds = null;

/** The button that opens the form of an agent; `before` does what comes before that. */
export function gear(app, room, agent, before = () => {}) {
	return iconButton("gear", `Settings of ${agent.name}`, () => { before(); openAgentForm(app, room, agent); });
}

/** Opens the form for `agent` (an AgentView), or for a new agent of `room` when it is null. */
export async function openAgentForm(app, room, agent) {
	bounds ??= await (await fetch("/bounds.json")).json();
	const policy = agent?.policy ?? {};
	const { dialog, open } = formSheet(agent ? `Settings of ${agent.name}` : "New agent", save,
		agent ? hint(`Model ${agent.model} · policy version ${agent.policy_version}`) : "", agent ? mute() : "", agentFields(agent),
		h("details.bounds", h("summary", "Every bound of its policy"),
			hint(SAY.bounds),
			bounds.map(([title, rows]) => h("fieldset", h("legend", title), rows.map((row) => bound(row, policy)))),
			hours(policy.quiet_hours)), agent ? "Save" : "Add");

	function mute() {
		const until = agent.mute_until && new Date(agent.mute_until) > new Date() ? agent.mute_until : null;
		const set = (mute_until) => app.attempt(() => put({ mute_until }).then(() => dialog.close()));
		const place = wire(template("mute"), { end: () => set(null), begin: () => set(new Date(Date.now() + 3_600_000).toISOString()) });
		const [words, end, begin] = place.children;
		if (until) words.textContent = `Muted until ${clock(until)}.`;
		[end.hidden, begin.hidden] = [!until, Boolean(until)];
		return place;
	}

	async function put(change) {
		room.setAgent(await (agent ? app.client.put(`${room.path}/agents/${agent.id}`, change) : app.client.post(`${room.path}/agents`, change)));
	}

	function save(form) {
		const data = new FormData(form);
		return put({ ...agentOf(data).agent, policy: policyOf(data, policy) });
	}

	return open();
}

function hours(quiet) {
	const fields = template("quiet");
	const [start, end, zone] = fields.querySelectorAll("input");
	[start.value, end.value, zone.value] = [quiet?.start ?? "", quiet?.end ?? "", quiet?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone];
	return fields;
}

function bound([name, label, unit, min, max, step, preset, meaning], policy) {
	const stored = policy[name];
	const value = stored === null || stored === undefined || stored === preset ? "" : stored;
	const id = `bound-${name}`;
	return h("div.bound",
		h("label", { for: id }, label),
		h("input", { id, name, type: "number", min, max, step: "any", value, placeholder: preset ?? "preset", "aria-describedby": `${id}-hint`, inputmode: step < 1 ? "decimal" : "numeric" }),
		h("span.unit", unit), hint({ id: `${id}-hint` }, meaning));
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
