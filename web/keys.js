/** Which keys do what. */

import { sheet, template } from "./dom.js";

export const openKeys = () => sheet("Keys", "", template("keys")).open();

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
