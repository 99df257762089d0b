/** One message as an element. What a person wrote is only ever text. */

import { avatar, button, h, hue, icon, redraw, stamp, template, wire } from "./dom.js";
import { against, clip, clock, fullTime, leading, problem, runLine } from "./words.js";

const LINK = /(https?:\/\/[^\s<>"]*[^\s<>".,:;!?)\]}'’»])/u;

/** `message`: a MessageView; or one on its way: `draft` true, or `pending` (an item of the outbox). */
export function messageElement(message, chat) {
	const { author, draft, pending } = message;
	const agent = author.kind === "agent";
	const mine = author.id === chat.app.me.id;
	const classes = ["message", agent && "by-agent", mine && "mine", draft && "draft", pending && "pending", pending?.error && "refused"];
	const body = h("div.body",
		h("div.byline",
			h("strong.author", { vars: { "--hue": hue(author.id) } }, author.name),
			agent ? h("span.tag", "agent") : null,
			message.at ? stamp(message.at, fullTime(message.at)) : null,
			draft ? h("span.writing", "is writing") : null),
		quote(message, chat),
		h("div.text", words(message)),
		pending ? sending(pending, chat) : null,
		h("div.reactions"), h("div.aside-lines"));
	const element = h("article", {
		class: classes.filter(Boolean).join(" "), tabindex: draft || pending ? null : -1, "data-id": message.id ?? null,
		"aria-label": `${author.name}${message.at ? `, ${clock(message.at)}` : ""}`,
	}, h("div.row", avatar(author), body));
	if (message.reactions) refresh(element, message, chat);
	return element;
}

function quote({ reply_to: id }, chat) {
	if (!id) return null;
	const quoted = chat.room.messages.get(id);
	return button({ class: "quote", onclick: () => chat.jump(id) },
		icon("reply"), quoted ? h("strong", quoted.author.name) : null, h("span", quoted ? clip(quoted.text, 120) : "an earlier message"));
}

function sending({ client_id: id, error }, chat) {
	const { client } = chat.app;
	if (!error) return h("p.sending", client.status === "online" ? "Sending…" : "Waiting for the connection");
	const refused = wire(template("refused"), { again: () => client.sendAgain(id), discard: () => client.discard(id) });
	refused.prepend(`Not sent. ${problem(error)} `);
	return refused;
}

function words({ text, edited_at: edited, deleted_at: deleted }) {
	if (deleted) return h("em.gone", { title: fullTime(deleted) }, "This message was deleted.");
	const linked = text.split(LINK).map((part, i) => (i % 2 ? h("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part));
	return edited ? [linked, " ", h("span.edited", { title: fullTime(edited) }, "(edited)")] : linked;
}

/** Brings the words and reactions of a message's element up to date. */
export function refresh(element, message, chat) {
	const { app, room } = chat;
	element.querySelector(".text").replaceChildren(...[words(message)].flat(2));
	redraw(element.querySelector(".reactions"), message.reactions.map(({ emoji, users }) => {
		const mine = users.includes(app.me.id);
		const who = users.map((id) => (id === app.me.id ? "you" : room.nameOf(id))).join(", ");
		return button({
			class: "reaction", "aria-pressed": String(mine), title: who, "aria-label": `${emoji} ${users.length} by ${who}`,
			onclick: () => chat.toolbar.react(message, emoji),
		}, h("span", emoji), h("span.count", users.length));
	}));
}

/** The thin lines under a message, for those who watch: the run that said it, the runs that it set off, and the one to come. */
export function setMind(element, { saidBy, setOff, weighed }, chat) {
	const line = (run, text, cls) => h("button", {
		class: `aside-line ${cls}`, onclick: () => chat.app.openRun(run.id), title: run.decision.reason,
	}, text);
	const lines = [];
	if (saidBy) {
		const thought = leading(saidBy);
		lines.push(line(saidBy, [`thought first: ${clip(thought?.text ?? "", 90)}`, against(thought?.motivation, saidBy.decision.bar)].filter(Boolean).join(" · "), "said"));
	}
	for (const run of setOff) {
		const who = chat.room.agents.length > 1 ? `${chat.room.nameOf(run.agent)}: ` : "";
		lines.push(line(run, who + runLine(run), run.decision.act === "speak" ? "spoke" : run.error ? "failed" : run.decision.act));
	}
	for (const run of setOff) {
		const flip = chat.room.flips.get(run.id);
		if (flip) lines.push(line(run, `on the bench: ${flip.after.act}, not ${flip.before.act} · ${flip.why}`, "flip"));
	}
	if (weighed) lines.push(h("span.aside-line.weighing", "weighing it"));
	redraw(element.querySelector(".aside-lines"), lines);
}
