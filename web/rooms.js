/** `<aside-rooms>`: the list of rooms, who this tab is, and the state of the connection. */

import { avatar, h, redraw, template, wire } from "./dom.js";
import { openKeys } from "./keys.js";
import { openMe } from "./me.js";
import { openReplayForm, startSample } from "./replay.js";
import { plural, SAY, STATUS } from "./words.js";

class AsideRooms extends HTMLElement {
	app = null;

	connectedCallback() {
		const { app } = this;
		const nav = template("rooms");
		[this.items, this.name, this.state] = nav.querySelectorAll("ul, strong, [role=status]");
		this.name.textContent = app.me.name;
		nav.querySelector(".whoami").prepend(avatar(app.me));
		this.replaceChildren(wire(nav, {
			close: () => app.toggleRooms(false), room: () => app.newRoom(), sample: () => startSample(app), replay: () => openReplayForm(app),
			keys: openKeys, me: () => openMe(app), out: () => this.#leave(),
		}));
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
		if (await this.app.confirm(SAY.leave, "Forget me here")) this.app.leaveTab();
	}
}

customElements.define("aside-rooms", AsideRooms);
