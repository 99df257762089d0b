/** The dialog of one agent: who it is, what it may do, and each bound of its policy. */

import { h, iconButton, showModal } from "./dom.js";
import { field, linesOf, modeChoice, presetChoice } from "./fields.js";
import { clock, problem } from "./words.js";

/** name, label, unit, min, max, step, default (null: from the preset), meaning; grouped as they are shown. */
const BOUNDS = [
  ["Bars: how strong a thought must be", [
    ["im_threshold", "Open turn", "1–5", 1, 5, 0.05, null, "Motivation needed when anybody may speak."],
    ["interrupt_threshold", "Somebody else’s turn", "1–5", 1, 5, 0.05, null, "Motivation needed when somebody else is expected to speak."],
    ["allocated_threshold", "Its own turn", "1–5", 1, 5, 0.05, null, "Motivation needed when the agent itself is asked."],
    ["system1_prob", "Chance below the bar", "0–1", 0, 1, 0.01, null, "On an open turn, chance of saying a quick thought although it is below the bar."],
  ]],
  ["Silence makes it readier", [
    ["silence_growth", "Growth", "× a message", 1, 1.2, 0.005, 1.02, "Factor on motivation for each message by others since it spoke."],
    ["silence_cap", "Up to", "messages", 0, 200, 1, 10, "After this many messages it grows no further."],
  ]],
  ["Limits outside the model", [
    ["talk_share", "Share of the talk", "0–1", 0, 1, 0.05, 0.4, "Largest part of the last messages that may be its own."],
    ["talk_window", "counted over", "messages", 2, 200, 1, 20, "How many of the last messages count for the share."],
    ["messages_per_hour", "At most", "an hour", 0, 3600, 1, 30, "Messages an hour that nobody asked for."],
    ["tokens_per_day", "Thinking", "tokens a day", 0, 2 ** 53, 1, "no limit", "Tokens that it may read and write a day; it thinks less as they run out."],
    ["min_gap", "Gap", "seconds", 0, 86400, 0.5, 4, "Time between two of its messages that nobody asked for."],
    ["agent_budget", "Agents in a row", "messages", 0, 20, 1, 2, "Messages by agents since a human last wrote."],
  ]],
  ["Timing and memory", [
    ["pause", "A pause is", "seconds", 1, 3600, 1, 10, "Time without a message or typing that counts as a pause."],
    ["debounce", "Wait for more", "seconds", 0, 60, 0.1, 1.5, "Time to wait for more from the same author."],
    ["decay", "Memories fade", "× a message", 0.01, 1, 0.01, 0.95, "Factor on a memory’s saliency per message since it was last used."],
  ]],
];

/** Opens the form for `agent` (an AgentView), or for a new agent of `room` when it is null. */
export function openAgentForm(app, room, agent) {
  const policy = agent?.policy ?? {};
  const status = h("p", { class: "problem", role: "alert" });
  const quiet = policy.quiet_hours;
  const form = h("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); save(); } },
    h("header", {}, h("h2", {}, agent ? agent.name : "New agent"), iconButton("close", "Close", () => dialog.close())),
    agent ? h("p", { class: "hint" }, `Model ${agent.model} · policy version ${agent.policy_version}`) : null,
    agent ? mute() : null,
    field("Name", h("input", { name: "name", required: true, maxlength: 64, pattern: ".*\\S.*", value: agent?.name ?? "" })),
    field("Persona", h("textarea", { name: "persona", rows: 3, maxlength: 4000 }, agent?.persona ?? ""), "Who it is and how it talks."),
    field("Background memories", h("textarea", { name: "memories", rows: 4 }, (agent?.memories ?? []).join("\n")), "What it knows from the start, one a line."),
    modeChoice(agent?.mode ?? "speak"),
    presetChoice(policy.preset ?? "active"),
    h("details", { class: "bounds" }, h("summary", {}, "Every bound of its policy"),
      h("p", { class: "hint" }, "Empty: from the preset, or the default shown in the field."),
      BOUNDS.map(([title, rows]) => h("fieldset", {}, h("legend", {}, title), rows.map((row) => bound(row, policy)))),
      h("fieldset", {}, h("legend", {}, "Quiet hours"), h("div", { class: "bound" },
        h("label", {}, "from ", h("input", { type: "time", name: "quietStart", value: quiet?.start ?? "" })),
        h("label", {}, "to ", h("input", { type: "time", name: "quietEnd", value: quiet?.end ?? "" })),
        h("label", {}, "in ", h("input", { name: "quietZone", class: "zone", value: quiet?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone }))),
      h("p", { class: "hint" }, "It says nothing unasked between these times. Empty: no quiet hours."))),
    status,
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), h("button", { class: "primary" }, agent ? "Save" : "Add")));
  const dialog = h("dialog", { class: "agent-form", "aria-label": agent ? `Settings of ${agent.name}` : "New agent" }, form);

  function mute() {
    const until = agent.mute_until && new Date(agent.mute_until) > new Date() ? agent.mute_until : null;
    const set = (mute_until) => put({ mute_until }, () => dialog.close());
    return h("div", { class: "mute row" }, h("span", {}, until ? `Muted until ${clock(until)}.` : "It is listening."),
      until ? h("button", { type: "button", onclick: () => set(null) }, "Unmute")
        : h("button", { type: "button", onclick: () => set(new Date(Date.now() + 3_600_000).toISOString()) }, "Mute for an hour"));
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

  function save() {
    const data = new FormData(form);
    const text = (name) => data.get(name).trim();
    return put({
      name: text("name"), persona: text("persona"), memories: linesOf(text("memories")), mode: text("mode"), policy: policyOf(data),
    }, () => dialog.close());
  }

  return showModal(dialog);
}

function bound([name, label, unit, min, max, step, preset, meaning], policy) {
  const stored = policy[name];
  const value = stored === null || stored === undefined || stored === preset ? "" : stored;
  const id = `bound-${name}`;
  return h("div", { class: "bound" },
    h("label", { for: id }, label),
    h("input", { id, name, type: "number", min, max, step: "any", value, placeholder: preset ?? "preset", "aria-describedby": `${id}-hint`, inputmode: step < 1 ? "decimal" : "numeric" }),
    h("span", { class: "unit" }, unit), h("p", { class: "hint", id: `${id}-hint` }, meaning));
}

/** The PolicyView that the form describes; what is left empty is left out. */
function policyOf(data) {
  const policy = { preset: data.get("preset") };
  for (const [name, , , , , step] of BOUNDS.flatMap(([, rows]) => rows)) {
    const value = data.get(name).trim();
    if (value !== "") policy[name] = step === 1 && name !== "pause" ? Math.round(Number(value)) : Number(value);
  }
  const [start, end, zone] = ["quietStart", "quietEnd", "quietZone"].map((name) => data.get(name).trim());
  if (start && end) policy.quiet_hours = { start, end, zone: zone || "UTC" };
  return policy;
}
