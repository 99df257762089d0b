/** A run as one HTML file that stands alone: what was said before it, its thoughts, scores and decision, in our styles. */

import { h, hint } from "./dom.js";
import { runElement } from "./run.js";
import { clip, clock, fullTime } from "./words.js";

const BEFORE = 12; // messages
const AFTER = 3;

export async function shareRun(app, room, run) {
	const page = await standalone(app, room, run);
	const link = h("a", { download: `aside-run-${run.id}.html`, href: URL.createObjectURL(new Blob([page], { type: "text/html" })) });
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The file's text. Nothing in it runs, and nothing is loaded. */
export async function standalone(app, room, run) {
	const styles = await Promise.all(["/style.css", "/chat.css", "/mind.css"].map(async (path) => (await fetch(path)).text()));
	const everything = { app, room, isOpen: () => true, setOpen: () => {} };
	const page = document.implementation.createHTMLDocument(`A run in ${room.name}`);
	const own = "body { overflow: auto; } .shared { display: grid; gap: 16px; max-width: 860px; margin: 0 auto; padding: 24px 16px; } .shared .mind { border-radius: 14px; padding: 14px; }";
	const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="viewport" content="width=device-width, initial-scale=1">`;
	const all = room.entries.filter((e) => e.message).map((e) => e.message);
	const at = all.findLastIndex((m) => m.seq <= run.trigger.seq) + 1;
	const said = all.slice(Math.max(0, at - BEFORE), at + AFTER);
	const mind = h("section.mind", runElement(run, everything));
	mind.querySelector(":scope > .run > .inside > .link")?.remove();
	for (const button of mind.querySelectorAll("button")) button.replaceWith(h("span", { class: button.className }, ...button.childNodes));
	page.body.append(h("main.shared", h("h1", `A run in ${room.name}`), hint(`${fullTime(run.at)}. Made with Aside; holds ${said.length} messages and what was thought about one of them.`),
		h("section", said.map((m) => h("p", { class: m.seq === run.trigger.seq ? "stimulus" : "" }, h("strong", m.author.name), " ", h("time", clock(m.at)), " ", clip(m.text, 2000)))), mind));
	return `<!doctype html>\n<html lang="en"><head>${head}${page.head.getHTML()}<style>${styles.join("\n")}${own}</style></head><body>${page.body.getHTML()}</body></html>\n`; // only styles are not made by the browser
}
