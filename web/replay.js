/** Old chats run through a room while one watches: the dialog that starts one, the sample, and the bar that sets the pace. */

import { button, formSheet, h, iconButton, redraw, template } from "./dom.js";
import { agentFields, agentOf } from "./fields.js";
import { share } from "./share.js";
import { REPLAY } from "./words.js";

const LOOK = 700; // ms between two looks

async function start(app, body) {
	const { room } = await app.client.post("/replays", body);
	app.add(await app.client.get(`/rooms/${room}`));
	if (!app.mindOpen && app.wide) app.toggleMind(true);
}

export const startSample = (app) => app.attempt(() => start(app, { name: "Sample: three scripted people" }));

export function openReplayForm(app) {
	const [file, speed] = template("replay-fields").children;
	const go = async (form) => {
		const data = new FormData(form);
		const chosen = data.get("chat");
		const { agent, preset } = agentOf(data);
		await start(app, { name: chosen.name.replace(/\.\w+$/, "").slice(0, 64), chat: await chosen.text(), agent: { ...agent, policy: { preset } }, speed: Number(data.get("speed")) });
	};
	return formSheet("Replay a chat", go, file, agentFields(), speed, "Run it").open();
}

function speeds(chosen, changed) {
	return h("select", { "aria-label": "Speed", onchange: (event) => changed(Number(event.target.value)) },
		[...new Set([1, 2, 5, 10, 20, 50, chosen])].sort((a, b) => a - b).map((x) => h("option", { value: x, selected: x === chosen }, `${x}×`)));
}

/** How far the replay in a room is, and its pace. Empty where nothing is replayed. */
export class ReplayBar {
	element = h("div.replay", { hidden: true, role: "group", "aria-label": "Replay" });

	constructor(app) { this.app = app; }

	show(room) {
		clearTimeout(this.timer);
		Object.assign(this, { room, drawn: null });
		this.element.hidden = true;
		if (room?.id.startsWith("replay-")) this.#look();
	}

	async #look() {
		const { room } = this;
		try {
			const view = await this.app.client.get(`${room.path}/replay`);
			if (room === this.room) this.#draw(view);
		} catch { this.element.hidden = true; } // a service that was started anew knows of no replay
	}

	#draw(view) {
		const over = view.state === "ended" || view.state === "failed";
		clearTimeout(this.timer);
		if (!over) this.timer = setTimeout(() => this.#look(), LOOK);
		this.element.hidden = false;
		const status = `${view.done} of ${view.messages} messages, ${view.error ?? REPLAY[view.state]}`;
		const drawn = `${view.state} ${view.speed}`;
		if (drawn !== this.drawn) {
			this.drawn = drawn;
			redraw(this.element, [h("progress", { max: view.messages, "aria-label": "Progress" }), h("span.hint"), ...(this.room.role === "owner" && !over ? [
				button({ onclick: () => this.#set({ state: view.state === "paused" ? "running" : "paused" }) }, view.state === "paused" ? "Go on" : "Pause"),
				button({ onclick: () => this.#set({ step: true }) }, "Step"),
				speeds(view.speed, (speed) => this.#set({ speed })),
			] : []), this.room.watching ? iconButton("save", "Save as one HTML file", () => share(this.app, this.room)) : ""]);
		}
		this.element.firstChild.value = view.done;
		this.element.children[1].textContent = status;
	}

	async #set(change) {
		const view = await this.app.attempt(() => this.app.client.put(`${this.room.path}/replay`, change));
		if (view) this.#draw(view);
	}
}
