/**
 * Who this tab is, and what its address asks for. Identities live in localStorage, so that all tabs are the same person;
 * a tab that chats as somebody else keeps its own in sessionStorage. Codes travel in the fragment, which is never sent.
 */

const KEY = "aside.me";

/** {id, name, token} or null. */
export function loadMe() {
	return JSON.parse(sessionStorage.getItem(KEY) ?? (isSomebodyElse() ? null : localStorage.getItem(KEY)));
}

export function saveMe(me) {
	(isSomebodyElse() ? sessionStorage : localStorage).setItem(KEY, JSON.stringify(me));
}

/** Forgets the identity that this tab uses. */
export function forgetMe() {
	(sessionStorage.getItem(KEY) ? sessionStorage : localStorage).removeItem(KEY);
}

/** Makes this tab a new person from now on, whoever the other tabs are. */
export function becomeSomebodyElse() {
	sessionStorage.removeItem(KEY);
	sessionStorage.setItem(`${KEY}.apart`, "yes");
}

export function isSomebodyElse() {
	if (new URLSearchParams(location.search).get("as") === "new") sessionStorage.setItem(`${KEY}.apart`, "yes");
	return sessionStorage.getItem(`${KEY}.apart`) !== null;
}

/** {room, invite}, each a string or null: `/#room=…&invite=…`, or `/r/ROOM`. */
export function address() {
	const fragment = new URLSearchParams(location.hash.slice(1));
	const path = location.pathname.match(/^\/r\/([^/]+)/)?.[1] ?? null;
	return { room: fragment.get("room") ?? path, invite: fragment.get("invite") };
}

/** Points the address at `room` and takes codes out of it, without an entry in the history. */
export function pointAt(room) {
	history.replaceState(null, "", room ? `/#room=${encodeURIComponent(room)}` : "/");
}

export function inviteLink({ invite, room }, { asNew = false } = {}) {
	const url = new URL("/", location.origin);
	if (asNew) url.searchParams.set("as", "new");
	url.hash = new URLSearchParams({ invite, room }).toString();
	return url.href;
}

/** The seq up to which this person has read `room` in this browser. */
export function readUpTo(me, room) { return Number(localStorage.getItem(`aside.read.${me.id}.${room}`) ?? -1); }
export function markRead(me, room, seq) {
	if (seq > readUpTo(me, room)) localStorage.setItem(`aside.read.${me.id}.${room}`, seq);
}
