/** `<aside-notice>`: what is wrong right now, in plain words: offline, a weak model, a model that is down. */

import { h, iconButton } from "./dom.js";
import { SAY } from "./words.js";

class AsideNotice extends HTMLElement {
	app = null;

	connectedCallback() {
		this.setAttribute("role", "status");
		this.app.client.addEventListener("status", () => this.render());
		this.render();
	}

	render() {
		clearTimeout(this.timer);
		const { client } = this.app;
		const banners = [];
		if (client.status === "online") this.since = null;
		else banners.push(this.#offline(client));
		const { model_status: state = "ok", tiny } = this.app.info ?? {};
		const model = state !== "ok" ? `The agent cannot think yet: ${state}${SAY.without}` : tiny ? SAY.tiny : "";
		if (model && sessionStorage.getItem("aside.notice") !== model) {
			banners.push(h("p.banner", h("span", model),
				iconButton("close", "Hide this note", () => { sessionStorage.setItem("aside.notice", model); this.render(); })));
		}
		const shown = h("div", ...banners);
		if (shown.textContent !== this.textContent) this.replaceChildren(shown); // said once
	}

	#offline(client) {
		this.since ??= Date.now();
		if (client.status === "connecting" && Date.now() - this.since < 1_000) {
			this.timer = setTimeout(() => this.render(), 1_000);
			return null;
		}
		return h("p.banner.offline",
			h("span", SAY.offline),
			h("button.link", { onclick: () => client.wake() }, "Try now"));
	}
}

customElements.define("aside-notice", AsideNotice);
