/** `<aside-rooms>`: the list of rooms, who this tab is, and the state of the connection. */

import { avatar, button, h, icon, iconButton, redraw } from "./dom.js";
import { openKeys } from "./keys.js";
import { openMe } from "./me.js";
import { openReplayForm, startSample } from "./replay.js";
import { plural, SAY, STATUS } from "./words.js";

const side = (drawn, label, onclick) => button({ class: "side", onclick }, icon(drawn), label);

class AsideRooms extends HTMLElement {
	app = null;

	connectedCallback() {
		const { app } = this;
		this.items = h("ul.room-items");
		this.state = h("p.connection", { role: "status" });
		this.replaceChildren(h("nav.rooms", { "aria-label": "Rooms" },
			h("header",
				h("div.brand", h("span.mark", icon("mind")), "Aside"),
				iconButton("close", "Close the list of rooms", () => app.toggleRooms(false), { class: "icon-button only-narrow" })),
			this.items,
			side("plus", "New room", () => app.newRoom()),
			side("play", "Sample room", () => startSample(app)),
			side("again", "Replay a chat", () => openReplayForm(app)),
			h("footer",
				side("keys", "Keys", openKeys),
				side("person", "What is kept of me", () => openMe(app)),
				side("out", "Be somebody else", () => this.#leave()),
				h("div.whoami", avatar(app.me), h("div", h("strong", app.me.name), this.state)))));
		app.client.addEventListener("status", () => this.#status());
		this.#status();
		this.render();
	}

	render() {
		if (!this.items) return;
		const { app } = this;
		redraw(this.items, [...app.rooms.values()].map((room) => {
			const open = room === app.room;
			const unread = app.unread(room);
			const people = [...room.members.values()].filter((m) => m.role !== "agent");
			const online = people.filter((m) => m.online).length;
			return h("li", h("button", {
				class: `room-item${open ? " open" : ""}${unread ? " unread" : ""}`, "aria-current": open ? "page" : null,
				onclick: () => app.show(room),
			},
			h("span.room-name", room.name),
			h("span.room-meta", online ? `${online} online` : plural(people.length, "person", "people")),
			unread ? h("span.dot", h("span.sr", "unread")) : null));
		}));
	}

	#status() {
		const state = this.app.client.status;
		this.state.dataset.state = state;
		this.state.textContent = STATUS[state];
	}

	async #leave() {
		const question = SAY.leave;
		if (await this.app.confirm(question, "Forget me here")) this.app.leaveTab();
	}
}

customElements.define("aside-rooms", AsideRooms);
