"""Stage 4, evaluation: ten scores a thought, and who holds the turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conversation.member import Member
from conversation.moment import Moment
from conversation.thought import Thought
from heuristics.calibration import Calibration, TurnScale
from heuristics.evidence import Distribution, Evidence, Rating
from heuristics.facts import facts_of
from heuristics.motivation import JUDGED, motivation, rate
from heuristics.reader import Near, gain, reader_for
from inference.prompt import Prompt
from inference.protocol import Ask, Judged, LanguageModel, Ratings, Usage, weakest
from memory.saliency import Vector, cosine
from thoughts import prompts
from thoughts.interests import Interest, nearest
from thoughts.policy import Policy
from thoughts.retrieval import HEARD

CANDIDATES_FOR_TURN = 6
"""Members that the turn question names: those who wrote last, and the agent."""
TURN_WINDOW = 40


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is expected to speak: probability by member id, and of `anyone`. Sums to 1. `named`: the member whom the last
    message calls by name or answers, where it does; then the model was not asked."""

    chances: Mapping[str, float]
    named: str | None

    @property
    def anyone(self) -> float:
        return self.chances.get(prompts.ANYONE, 0.0)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """`thoughts` with scores and motivation, most motivated first; `method`: the weakest way in which ratings, those of the
    turn among them, were read; "none" where nothing was asked."""

    thoughts: tuple[Thought, ...]
    turn: Turn
    method: str
    usage: Usage


async def evaluate(
    moment: Moment,
    prefix: Prompt,
    thoughts: Sequence[Thought],
    heard: Mapping[str, Vector],
    named: str | None,
    model: LanguageModel,
    calibration: Calibration,
    policy: Policy,
    interests: Sequence[Interest] = (),
    *,
    urgent: bool,
) -> Evaluated:
    """One `judge` over all thoughts, the content-free ones among them, all judged heuristics, the fit of each thought, and who
    holds the turn where nobody was `named`. Raises ModelError and LeakError."""
    prompts.ensure_admitted(thoughts, moment)
    speakers = () if named is not None else candidates_for_turn(moment)
    asks = [*_about_thoughts(moment, prefix, thoughts), *_about_turn(moment, prefix, speakers)]
    judged = await model.judge(asks, urgent=urgent) if asks else Judged((), (), Usage())
    chances = (
        {named: 1.0} if named is not None else turn_chances(speakers, judged.ratings[-1], calibration.turn, moment)
    )
    turn = Turn(chances, named)
    method = weakest(found.method for found in judged.ratings) if asks else "none"
    if not thoughts:
        return Evaluated((), turn, method, judged.usage)
    ratings, readings = judged.ratings[0], judged.readings[0]
    reader, facts = reader_for(model.name), facts_of(moment)
    scored = []
    for i, thought in enumerate(thoughts):
        reading = None if readings is None else readings[i]
        evidence = Evidence(
            ratings=_ratings(ratings, i, len(thoughts)),
            gain=None if reading is None else gain(reading),
            likeness=max((cosine(thought.embedding, v) for v in heard.values()), default=None),
            read={}
            if reader is None or reading is None
            else reader.read(reading, nearness(moment, thought.embedding, heard)),
            facts=facts,
            interest=nearest(thought.embedding, interests),
        )
        scores = rate(moment, thought, evidence, calibration)
        drive = motivation(scores, policy.weighing(calibration), policy.silence_growth, policy.silence_cap)
        scored.append(replace(thought, scores=scores, motivation=drive, accessed_seq=moment.trigger.seq))
    scored.sort(key=lambda t: (-(t.motivation or 0.0), t.id))
    return Evaluated(tuple(scored), turn, method, judged.usage)


def _about_thoughts(moment: Moment, prefix: Prompt, thoughts: Sequence[Thought]) -> tuple[Ask, ...]:
    if not thoughts:
        return ()
    branches = (*(f" {t.text}" for t in thoughts), *prompts.CONTENT_FREE)
    questions = tuple(prompts.question(h.label) for h in JUDGED)
    return (Ask(prompts.rating(prefix, moment), branches, questions, prompts.RATINGS, read=len(thoughts)),)


def _about_turn(moment: Moment, prefix: Prompt, speakers: Sequence[Member]) -> tuple[Ask, ...]:
    if not speakers:
        return ()
    return (Ask(prompts.turn(prefix), ("",), ("",), prompts.turn_options(speakers, moment)),)


def _ratings(ratings: Ratings, branch: int, thoughts: int) -> dict[str, Rating]:
    """Of one branch, by heuristic; branches from `thoughts` on are the content-free ones."""
    found = {}
    for q, heuristic in enumerate(JUDGED):
        free = [_expected(ratings.probabilities[b][q]) for b in range(thoughts, len(ratings.probabilities))]
        a, b, c, d, e = ratings.probabilities[branch][q]
        distribution: Distribution = (a, b, c, d, e)
        found[heuristic.name] = Rating(distribution, ratings.mass[branch][q], sum(free) / len(free))
    return found


def _expected(distribution: Sequence[float]) -> float:
    return sum(i * p for i, p in enumerate(distribution, start=1))


def nearness(moment: Moment, embedding: Vector, heard: Mapping[str, Vector]) -> tuple[Near, ...]:
    """How near `embedding` is to the last messages, the newest first, as a learned reader takes it."""
    recent = reversed(moment.transcript.tail(HEARD))
    return tuple(
        Near(cosine(embedding, heard[m.text]), "?" in m.text and m.author.id != moment.agent.id)
        for m in recent
        if m.text in heard
    )


def candidates_for_turn(moment: Moment) -> tuple[Member, ...]:
    """Those who wrote last, but not the last author, and the agent, who comes last."""
    recent = [i for i in moment.transcript.speakers(TURN_WINDOW) if moment.last is None or i != moment.last.author.id]
    by_id = {m.id: m for m in moment.others}
    return (*[by_id[i] for i in recent if i in by_id][:CANDIDATES_FOR_TURN], moment.agent)


def turn_chances(asked: Sequence[Member], ratings: Ratings, scale: TurnScale, moment: Moment) -> Mapping[str, float]:
    """From the model's distribution over the names of `asked` and "anyone", scaled by the model's calibration."""
    *by_member, anyone = ratings.probabilities[0][0]
    chances = {m.id: p for m, p in zip(asked, by_member, strict=True)}
    chances[moment.agent.id] *= scale.agent
    chances[prompts.ANYONE] = anyone * scale.anyone
    total = sum(chances.values())
    return {who: p / total for who, p in chances.items()} if total else chances
