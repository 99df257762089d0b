/** A run of a replay, or of any room, as one HTML file: what was said, and under it what was thought about it, in our styles. */

import { download, h, hint } from "./dom.js";
import { runElement } from "./run.js";
import { clip, clock, fullTime, plural, SAY } from "./words.js";

const BEFORE = 12; // messages around a run that is shared alone
const AFTER = 3;
const MOST = 300; // runs

/** `run`: the one that is shared; without it all of the room is. */
export async function share(app, room, run = null) {
	await app.attempt(async () => download(`aside-${run ? `run-${run.id}` : room.id}.html`, "text/html", await standalone(app, room, run)));
}

/** The file's text. Nothing in it runs, and nothing is loaded. */
async function standalone(app, room, run) {
	if (!run) await room.loadBackTo(null);
	while (!run && room.olderRuns && room.runs.size < MOST) await room.loadMind({ more: true });
	const [frame, ...styles] = await Promise.all(["/shared.html", "/style.css", "/chat.css", "/mind.css"].map(async (path) => (await fetch(path)).text()));
	const page = document.implementation.createHTMLDocument(room.name);
	const all = room.entries.filter((e) => e.message).map((e) => e.message);
	const at = run ? all.findLastIndex((m) => m.seq <= run.trigger.seq) + 1 : 0;
	const said = run ? all.slice(Math.max(0, at - BEFORE), at + AFTER) : all;
	const drawn = run ? new Set([run]) : new Set(room.runsByTime().slice(0, MOST));
	page.body.append(h("main.shared", h("h1", room.name),
		hint(`${said.length ? fullTime(said[0].at) : ""}. Made with Aside: ${plural(said.length, "message")}, and what was thought about them in ${plural(drawn.size, "run")}${SAY.opens}`),
		said.flatMap((m) => [h("p.text", h("strong", m.author.name), " ", h("time.hint", clock(m.at)), "\n", clip(m.text, 2000)),
			thought(room.runsOf(m).setOff.filter((one) => drawn.has(one)), { app, room, isOpen: () => true, setOpen: () => {} }, run)])));
	return frame.replace("<!-- head -->", () => `${page.head.getHTML()}<style>${styles.join("\n")}</style>`).replace("<!-- body -->", () => page.body.getHTML()); // only styles are not made by the browser
}

function thought(runs, mind, open) {
	if (!runs.length) return "";
	const section = h("section.mind", runs.map((run) => runElement(run, mind)));
	for (const link of section.querySelectorAll(".inside > .link")) link.remove();
	for (const button of section.querySelectorAll("button")) button.replaceWith(h("span", { class: button.className }, ...button.childNodes));
	for (const details of section.querySelectorAll("details")) details.open = Boolean(open);
	return section;
}
