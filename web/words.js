/** How the page says things: times, errors, decisions. Pure functions, no elements. */

/** The ten heuristics in the order of the design, with what each asks. */
export const HEURISTICS = [
  ["relevance", "Relevance", "Does it touch what the agent knows, cares about, remembers?"],
  ["information_gap", "Information gap", "Does the agent need to know something here?"],
  ["filling_gap", "Filling a gap", "Does it give what somebody here needs?"],
  ["expected_impact", "Expected impact", "Would it move the talk?"],
  ["urgency", "Urgency", "Must it be said now?"],
  ["coherence", "Coherence", "Does it fit as the next thing said?"],
  ["originality", "Originality", "Is it new here?"],
  ["balance", "Balance", "Does everybody get a share?"],
  ["dynamics", "Dynamics", "Is the floor free, or do others want it?"],
  ["silence", "Silence", "How long has the agent been quiet?"],
];

export const KIND = {
  system1: ["quick", "System 1: from the last messages, without reflection"],
  system2: ["considered", "System 2: from memories and earlier thoughts"],
  curiosity: ["curious", "A question worth asking somebody here"],
};

export const HOW = {
  judged: "read from the model's distribution over 1 to 5",
  measured: "computed from the room, without the model",
  both: "computed from the room and judged by the model",
};

export const TRIGGER = { message: "a message", addressed: "being addressed", pause: "a pause", wake: "a wake-up it had set" };
export const BRANCH = {
  mine: "the agent was asked", open: "an open turn", theirs: "somebody else was expected to speak", none: "no turn was weighed",
};
export const BOUND = {
  muted: "muted", shadow: "shadow mode", suggest: "suggest mode", quiet_hours: "quiet hours", talk_share: "talk share",
  messages_per_hour: "messages an hour", min_gap: "minimum gap", agent_budget: "agents' budget", own_turn: "it spoke last",
  outbid: "another agent wanted it more", hushed: "a member asked for quiet", tokens_per_day: "tokens a day",
  reacted_lately: "it reacted lately", goodbye: "somebody says goodbye",
};
export const OUTCOME = { said: "said", superseded: "dropped, the room moved on", dropped: "dropped its reply", failed: "failed" };

export const number = (x, digits = 1) => (x === null || x === undefined ? "–" : x.toFixed(digits));
export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
export const milliseconds = (ms) => (ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
export const clip = (text, n) => ([...text].length > n ? `${[...text].slice(0, n - 1).join("").trimEnd()}…` : text);

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
export const clock = (at) => TIME.format(new Date(at));
export const fullTime = (at) => FULL.format(new Date(at));
export const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

export function dayName(at, now = new Date()) {
  if (sameDay(at, now)) return "Today";
  if (sameDay(at, new Date(now.getTime() - 86_400_000))) return "Yesterday";
  const year = new Date(at).getFullYear();
  return DAY.format(new Date(at)) + (year === now.getFullYear() ? "" : ` ${year}`);
}

/** The thought that a run was decided on: the chosen one, else the one that wanted most to be said. */
export function leading(run) {
  return run.thoughts.find((t) => t.id === run.decision.thought)
    ?? run.thoughts.reduce((best, t) => ((t.motivation ?? 0) > (best?.motivation ?? 0) ? t : best), null);
}

/** Motivation against the bar, "2.8 < 3.6"; empty where one of the two is missing. */
export function against(motivation, bar) {
  if (typeof motivation !== "number" || typeof bar !== "number") return "";
  return `${number(motivation)} ${motivation >= bar ? "≥" : "<"} ${number(bar)}`;
}

const ACT = { speak: "speaks", react: "reacts", hold: "held", silent: "silent" };

/** What a run came to, in a few words. */
export function verdict(run) {
  if (run.error && !run.outcome) return "failed";
  if (run.gate) return "did not think";
  if (run.decision.act === "speak") return { said: "spoke", superseded: "dropped", dropped: "dropped its reply", failed: "could not speak" }[run.outcome] ?? "speaks";
  return ACT[run.decision.act];
}

/** The thin line under a message: "3 thoughts · held · 2.8 < 3.6". */
export function runLine(run) {
  if (run.error && !run.outcome) return `thinking failed · ${clip(run.error, 60)}`;
  if (run.gate) return `no thoughts · ${clip(run.gate, 60)}`;
  const bound = run.decision.bound ? BOUND[run.decision.bound] ?? run.decision.bound : "";
  const why = clip(run.dropped ?? run.error ?? "", 60);
  return [plural(run.thoughts.length, "thought"), verdict(run), against(leading(run)?.motivation, run.decision.bar), bound, why]
    .filter(Boolean).join(" · ");
}

const PROBLEMS = {
  offline: "The server cannot be reached. Check the connection, then try again.",
  unauthorized: "The server does not know you any more. Choose a name again.",
  forbidden: "You are not allowed to do that here.",
  not_found: "That does not exist, or not for you.",
  too_many: "That was too fast. Wait a moment, then try again.",
  unavailable: "A part of the service is not ready. Try again in a moment.",
};

/** An error of the wire in plain words, with what it is about. */
export function problem(error) {
  const plain = PROBLEMS[error.code];
  const detail = error.detail && error.code !== "offline" ? error.detail : "";
  const field = error.field ? `${error.field}: ` : "";
  if (!plain) return field + (detail || "Something went wrong.");
  return detail ? `${plain} (${field}${detail})` : plain;
}
