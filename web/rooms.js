/** `<aside-rooms>`: the list of rooms, who this tab is, and the state of the connection. */

import { avatar, h, icon, iconButton } from "./dom.js";
import { plural } from "./words.js";

class AsideRooms extends HTMLElement {
  app = null;

  connectedCallback() {
    const { app } = this;
    this.items = h("ul", { class: "room-items" });
    this.state = h("p", { class: "connection", role: "status" });
    this.replaceChildren(h("nav", { class: "rooms", "aria-label": "Rooms" },
      h("header", {},
        h("div", { class: "brand" }, h("span", { class: "mark" }, icon("mind")), "Aside"),
        iconButton("close", "Close the list of rooms", () => app.toggleRooms(false), { class: "icon-button only-narrow" })),
      this.items,
      h("button", { type: "button", class: "new-room", onclick: () => app.newRoom() }, icon("plus"), "New room"),
      h("footer", {},
        this.state,
        h("div", { class: "whoami" }, avatar(app.me),
          h("div", {}, h("strong", {}, app.me.name),
            h("button", { type: "button", class: "link", onclick: () => this.#leave() }, "Be somebody else"))))));
    app.client.addEventListener("status", () => this.#status());
    this.#status();
    this.render();
  }

  render() {
    if (!this.items) return;
    const { app } = this;
    this.items.replaceChildren(...[...app.rooms.values()].map((room) => {
      const open = room === app.room;
      const unread = app.unread(room);
      const people = [...room.members.values()].filter((m) => m.role !== "agent");
      const online = people.filter((m) => m.online).length;
      return h("li", {}, h("button", {
        type: "button", class: `room-item${open ? " open" : ""}${unread ? " unread" : ""}`, "aria-current": open ? "page" : null,
        onclick: () => app.show(room),
      },
      h("span", { class: "room-name" }, room.name),
      h("span", { class: "room-meta" }, online ? `${online} online` : plural(people.length, "person", "people")),
      unread ? h("span", { class: "dot" }, h("span", { class: "sr" }, "unread")) : null));
    }));
  }

  #status() {
    const state = this.app.client.status;
    this.state.dataset.state = state;
    this.state.textContent = { online: "Connected", connecting: "Connecting…", offline: "Offline" }[state];
  }

  async #leave() {
    const question = "This tab forgets who you are. The name stays in the rooms, and nobody can use it again. Go on?";
    if (await this.app.confirm(question, "Forget me here")) this.app.leaveTab();
  }
}

customElements.define("aside-rooms", AsideRooms);
