/** Which keys do what. */

import { h, iconButton, showModal } from "./dom.js";

const KEYS = [
  ["Enter", "send; Shift+Enter makes a new line"],
  ["↑", "in an empty field: edit your last message"],
  ["↑ ↓ Home End", "in the log: from message to message"],
  ["R  E  +  W  Del", "on a message: reply, edit, react, why, delete"],
  ["/", "search in the room"],
  ["Alt+↑  Alt+↓", "the room above, below"],
  ["M", "open or close what the agent thinks"],
  ["Esc", "drop a reply or an edit; close what lies over the chat"],
  ["?", "this list"],
];

export function openKeys() {
  const dialog = h("dialog", { class: "people", "aria-label": "Keys" },
    h("header", {}, h("h2", {}, "Keys"), iconButton("close", "Close", () => dialog.close())),
    h("dl", { class: "keys" }, KEYS.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)))));
  return showModal(dialog);
}

const typing = (target) => target.closest("input, textarea, select, dialog, [contenteditable]");

/** What a key means that is pressed outside of every field. True where it meant something. */
export function shortcut(event, app) {
  if (event.ctrlKey || event.metaKey || event.isComposing) return false;
  if (event.altKey) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const rooms = [...app.rooms.values()];
    const next = step && rooms[rooms.indexOf(app.room) + step];
    if (next) app.show(next);
    return Boolean(next);
  }
  if (typing(event.target) || document.querySelector("dialog[open]")) return false;
  if (event.key === "?") { openKeys(); return true; }
  if (event.key === "/" && app.room) { app.chat.search.open(true); return true; }
  if (event.key.toLowerCase() === "m" && app.room?.watching) { app.toggleMind(); return true; }
  return false;
}
