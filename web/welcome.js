/** `<aside-welcome>`: choose a name; with an invite in the address, say what joining means and join. */

import { Client } from "./client.js";
import { h, template, wire } from "./dom.js";
import { ApiError, call } from "./rest.js";
import { address, becomeSomebodyElse, isSomebodyElse, pointAt, saveMe } from "./session.js";
import { clip, problem, SAY } from "./words.js";

/** What the agent reads and keeps: said before anybody joins, and again in the list of people. */
export const observes = () => template("observes");

class AsideWelcome extends HTMLElement {
	me = null;

	connectedCallback() { this.#render(); }

	#render() {
		const { invite } = address();
		this.status = h("p.problem", { role: "alert" });
		const joining = Boolean(invite);
		this.replaceChildren(h("main.welcome",
			...template(joining ? "invited" : "hello").childNodes,
			this.me ? this.#known(joining) : this.#form(joining),
			joining ? observes() : null), joining ? "" : template("scene"));
		this.querySelector("input, button")?.focus();
	}

	#form(joining) {
		const form = template("enter");
		const [label, name, enter, others] = form.querySelectorAll("label, input, button, p");
		form.onsubmit = (event) => { event.preventDefault(); this.#enter(name.value.trim()); };
		if (joining) enter.textContent = "Join";
		if (isSomebodyElse()) {
			label.textContent = "Your name in this tab";
			name.autocomplete = "off";
			others.hidden = false;
		}
		form.append(this.status);
		return form;
	}

	#known(joining) {
		const known = wire(template("known"), {
			go: () => this.#join(this.me),
			other: () => { becomeSomebodyElse(); this.me = null; this.#render(); },
			not: () => { pointAt(null); this.#done(this.me, null); },
		});
		const [go, , not] = known.querySelectorAll("button");
		go.textContent = `${joining ? "Join" : "Go on"} as ${clip(this.me.name, 24)}`;
		not.hidden = !joining;
		known.append(this.status);
		return known;
	}

	async #enter(name) {
		await this.#attempt(async () => {
			const me = await Client.register(name);
			saveMe(me);
			this.me = me;
			await this.#joined(me);
		});
	}

	#join(me) { return this.#attempt(() => this.#joined(me)); }

	async #joined(me) {
		const { room, invite } = address();
		if (!invite) { this.#done(me, room); return; }
		if (!room) throw new ApiError(422, { detail: SAY.noLink });
		try {
			await call(new URL("/", location), "POST", `/rooms/${encodeURIComponent(room)}/members`, { body: { invite }, token: me.token });
		} catch (error) {
			if (error.status !== 409) throw error; // being in already is what was wanted
		}
		pointAt(room);
		this.#done(me, room);
	}

	#done(me, room) { this.dispatchEvent(new CustomEvent("entered", { detail: { me, room } })); }

	async #attempt(action) {
		this.status.textContent = "";
		try {
			await action();
		} catch (error) {
			if (!(error instanceof ApiError)) throw error;
			const shown = problem(error);
			if (this.me && this.querySelector("form.enter")) this.#render(); // not twice
			this.status.textContent = shown;
		}
	}
}

customElements.define("aside-welcome", AsideWelcome);
