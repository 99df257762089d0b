/** The dialog that makes a room, with its first agent. */

import { h, iconButton, showModal } from "./dom.js";
import { field, modeChoice, presetChoice, linesOf } from "./fields.js";
import { problem } from "./words.js";

export async function openRoomForm(app) {
  const status = h("p", { class: "problem", role: "alert" });
  const withAgent = h("input", { type: "checkbox", name: "with", checked: true, onchange: () => { agent.disabled = !withAgent.checked; } });
  const agent = h("fieldset", { class: "plain" },
    field("Name", h("input", { name: "agentName", value: "Aside", required: true, maxlength: 64 })),
    field("Persona", h("textarea", { name: "persona", rows: 3, maxlength: 4000, placeholder: "A curious friend who knows the mountains around Innsbruck and dislikes small talk." }),
      "Who it is and how it talks."),
    field("Background memories", h("textarea", { name: "memories", rows: 4, placeholder: "The hut above the lake closes in October.\nBo is afraid of heights." }),
      "What it knows from the start, one a line."),
    presetChoice("active"), modeChoice("speak"));
  const form = h("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); make(); } },
    h("header", {}, h("h2", {}, "New room"), iconButton("close", "Close", () => dialog.close())),
    field("Name of the room", h("input", { name: "name", required: true, maxlength: 64, pattern: ".*\\S.*", placeholder: "Weekend plans" })),
    h("label", { class: "check" }, withAgent, "An agent joins the room"),
    agent, status,
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), h("button", { class: "primary" }, "Make the room")));
  const dialog = h("dialog", { "aria-label": "New room" }, form);

  async function make() {
    const data = new FormData(form);
    const text = (name) => (data.get(name) ?? "").trim();
    const body = {
      name: text("name"),
      agent: withAgent.checked ? {
        name: text("agentName"), persona: text("persona"), memories: linesOf(text("memories")), mode: text("mode"), policy: { preset: text("preset") },
      } : null,
    };
    try {
      app.add(await app.client.post("/rooms", body));
      dialog.close();
    } catch (error) { status.textContent = problem(error); }
  }
  await showModal(dialog);
}
