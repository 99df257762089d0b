"""CURIO with a head policy: a small network learns when to ask, what, and when to act, rewarded for what it learns of a person.

    python -m training curiosity --task exercise --reads small-behind --reward DiffAcc --start taught --batch 64 --ship
    python -m training curiosity --task exercise --reward DiffAcc DiffEnt none --seeds 5 --measured evals/phrasings/exercise.json
    python -m training curiosity --task education --reward all --seeds 5 --start taught --batch 32 --updates 800 --rate 0.005

Expected, after the paper (arXiv 2504.03206): rewards that are differences of a potential do not lengthen talks, Acc and Ent do;
DiffEnt needs no truth and comes close to DiffAcc. Turn-level REINFORCE with generalised advantages, λ = γ = 0.95, batches
of 16 talks, KL to the policy at the start; weights of the rewards as in the paper, by task. The paper starts from a tuned
language model; with --start taught, Exercise starts from a copy of who looks ahead to the last turn
(`personalization/planning.py`), Preferences of who asks for the largest gain, were the answer honest and well heard. Half of
the answers are plain, half messy. The person answers in words; what the policy sees is what the listener made of them. The
paper softens its user model by τ = 5 because it is overconfident; our listener is calibrated (`python -m evals head`), so τ is 1.

With --measured FILE.json the policies are measured on people who speak in other words than those that they were trained with,
with --curves FILE.png draws the curves, with --ship writes personalization/askers/TASK.npz. One JSON line last: of each
reward the means over seeds with 95 % intervals, and success by type; of several, by how much each is above the first (`apart`).
"""

import argparse
import copy
import importlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from inference.hidden_embedder import READERS, reading_with
from personalization.asker import ASKERS, Asker, write
from personalization.curiosity import GAMMA, REWARDS
from personalization.education import PIECES, TEACHES, Lesson
from personalization.features import words
from personalization.listener import Listener, ListenerError, listener_for, parse
from personalization.person import MESSY, PLAIN, draw
from personalization.phrasing import Phrasing, phrasing_for, phrasing_in, unheard_for
from personalization.planning import wary
from personalization.space import space_for
from personalization.talk import ACT, AskingTalk, Talk, Task, exercise_task, foreseen, preferences_task
from training.folds import fold_file, parts_of
from training.replies import Replies, asked_replies, left_out_replies, lesson_replies, who_asked
from training.runs import Measured, apart, draw_curves, in_rows, mean, summary

LAMBDA = 0.95
BATCH = 16
HIDDEN = 64
RATE = 1e-3
LESSONS, STRAY = 1_500, 0.2
"""Talks that a taught policy copies, and the part of their acts that are random, so that it sees more than the teacher's path."""
COPIES = 300
CERTAIN = 0.05
"""Nats: the teacher acts where no question promises more."""
NONE = "none"
"""No reward but the outcome: what the paper compares with."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the outcome, of curiosity by reward, and of the divergence from the start."""

    outcome: float
    curiosity: Mapping[str, float]
    start: float


_EXERCISE = {"DiffAcc": 5.0, "DiffEnt": 5.0, "Acc": 1.0, "Ent": 1.0, "DiffLogAcc": 1.0, "InfoGain": 0.1}
WEIGHTS = {
    "exercise": Weights(3.0, _EXERCISE, 0.02),
    "preferences": Weights(3.0, _EXERCISE, 0.02),
    "education": Weights(1.0, dict.fromkeys(REWARDS, 9.0), 0.01),
}
"""The paper's; it has no task of preferences, which gets those of Exercise."""


@dataclass(frozen=True, slots=True)
class World:
    """A task to train on: `talk` starts one with a person drawn anew, whose replies are `replies.one(act, who)`; `teacher`:
    what a
    policy may copy to begin with."""

    talk: Callable[[random.Random], tuple[Talk, tuple[str, ...]]]
    replies: Replies
    kinds: tuple[str, ...]
    questions: tuple[str, ...]
    teacher: Callable[[Talk, random.Random], int] | None = None


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training curiosity", description=__doc__)
    parser.add_argument("--task", choices=sorted(WEIGHTS), default="exercise")
    parser.add_argument("--reward", choices=[*REWARDS, NONE, "all"], nargs="+", default=["DiffAcc"])
    parser.add_argument("--updates", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--reads", choices=("embedder", *READERS), default="embedder")
    parser.add_argument("--batch", type=int, default=BATCH, help="talks an update")
    parser.add_argument("--start", choices=("blank", "taught"), default="blank")
    parser.add_argument("--rate", type=float, default=RATE, help="of learning")
    parser.add_argument(
        "--undiscounted", action="store_true", help="γ = 1 in the Diff rewards, to see what γ does to them"
    )
    parser.add_argument("--weight", type=float, help="of curiosity, instead of the paper's")
    parser.add_argument(
        "--words", choices=("unheard", "left-out"), default="unheard",
        help="in which people answer: odd ones, or those of `training head`, each heard by a listener fitted without it",
    )  # fmt: skip
    parser.add_argument("--replies", type=int, default=25, help="of each kind of person to each act")
    parser.add_argument(
        "--measured", type=Path, help="in which words policies are measured, instead of --words: FILE.json"
    )
    parser.add_argument("--talks", type=int, default=1_000, help="that the trained policy is measured on")
    parser.add_argument("--ship", action="store_true", help="keep the policy of the first seed")
    parser.add_argument("--curves", type=Path, help="where to draw the curves: FILE.png")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    if options.curves:
        importlib.import_module("matplotlib")  # that it is missing shows before the training, not after it
    world = world_of(options.task, options.reads, options.cache.expanduser(), options.replies, options.words)
    measured = world
    if options.measured:
        spoken = phrasing_in(options.measured.parent, options.measured.stem)
        measured = world_of(options.task, options.reads, options.cache.expanduser(), options.replies, phrasing=spoken)
    weights = WEIGHTS[options.task]
    if options.weight is not None:
        weights = replace(weights, curiosity=dict.fromkeys(REWARDS, options.weight))
    rewards = [*REWARDS, NONE] if "all" in options.reward else options.reward
    runs: dict[str, list[Measured]] = {}
    curves: dict[str, list[list[tuple[float, float]]]] = {}
    for reward in rewards:
        for seed in range(options.seed, options.seed + options.seeds):
            first = begun(world, seed, taught=options.start == "taught")
            policy, curve = train(
                world, reward, weights, options.updates, seed, first, options.batch, options.rate,
                1.0 if options.undiscounted else GAMMA,
            )  # fmt: skip
            runs.setdefault(reward, []).append(measure(measured, policy, options.talks, seed + 1_000))
            curves.setdefault(reward, []).append(curve)
            if options.ship and seed == options.seed:
                ASKERS.mkdir(exist_ok=True)
                (ASKERS / f"{options.task}.npz").write_bytes(write(asker(policy)))
    table = {reward: summary(some) for reward, some in runs.items()}
    if options.curves:
        draw_curves(curves, options.task, options.curves)
    print(in_rows(table))
    run = {"task": options.task, "seeds": options.seeds, "updates": options.updates, "weight": options.weight}
    found = table[rewards[0]] if len(rewards) == 1 else {"rewards": table, "apart": apart(runs)}
    print(json.dumps({**run, "reward": " ".join(options.reward), **found}))


def world_of(
    name: str, reads: str, cache: Path, number: int, heard_in: str = "unheard", phrasing: Phrasing | None = None
) -> World:
    """People in phrases that the listener was not fitted on: who trusts what they hear too much asks too little."""
    space, listener, phrasing = space_for(name), listener_for(name, reads), phrasing or unheard_for(name)
    embedder = reading_with(reads, cache / "embedded" / f"{reads}-{name}-talks.npz", cache)
    if name == "education":
        style = space.dimension("style")
        replies = lesson_replies(MESSY, phrasing, listener, embedder, number * 10, 0)
        embedder.save()

        def lesson(rng: random.Random) -> tuple[Talk, tuple[str, ...]]:
            who = draw(space, rng)["style"]
            return Lesson(style, who), (who,)

        return World(lesson, replies, style.values, ("ask", "lead", "check"), plain_lesson)
    task: Task = {"exercise": exercise_task, "preferences": preferences_task}[name](space)
    if heard_in == "left-out":
        replies = left_out_replies(task, (PLAIN, MESSY), phrasing_for(name), deaf(name, reads, cache), embedder, number)
    else:
        replies = asked_replies(task, (PLAIN, MESSY), phrasing, listener, embedder, number, 0)
    embedder.save()

    def asking(rng: random.Random) -> tuple[Talk, tuple[str, ...]]:
        traits = draw(space, rng)
        return AskingTalk(task, traits), who_asked(task, traits)

    return World(asking, replies, task.kinds, task.asks, looking_ahead(task) if name == "exercise" else largest_gain)


def deaf(name: str, reads: str, cache: Path) -> list[Listener]:
    """What `training head` left in the cache. Raises ListenerError where it was not run."""
    files = [fold_file(cache, name, reads, part) for part in range(parts_of(name))]
    if missing := [f for f in files if not f.is_file()]:
        raise ListenerError(f"no {missing[0]}: python -m training head --space {name} --reads {reads}")
    return [parse(f.read_bytes()) for f in files]


def plain_lesson(talk: Talk, rng: random.Random) -> int:
    """What a teacher does who suits it to nobody: both ways of teaching alike, now and then a question, a close when the pieces
    have been gone through. The paper's policies start from a model that teaches so."""
    assert isinstance(talk, Lesson)
    taught = sum(act in TEACHES for act in talk.done_acts)
    close = 0.6 if taught >= PIECES else 0.02
    shares = {"story": 0.38, "practice": 0.38, "ask": 0.1, "check": 0.1, "lead": 0.04}
    names = [*shares, "close"]
    chosen = rng.choices(names, [*(s * (1 - close) for s in shares.values()), close])[0]
    return talk.acts.index(chosen)


def looking_ahead(task: Task) -> Callable[[Talk, random.Random], int]:
    plan = wary(task)

    def teacher(talk: Talk, rng: random.Random) -> int:
        assert isinstance(talk, AskingTalk)
        question = plan.question(talk.beliefs, task.turns - 1 - talk.turn, talk.messy)
        return talk.acts.index(question or ACT)

    return teacher


def largest_gain(talk: Talk, rng: random.Random) -> int:
    """The question whose answer, were it honest, would take the most from the entropy of the type; the act where none takes
    much."""
    assert isinstance(talk, AskingTalk)
    gains = {name: gain for name, (gain, _) in zip(talk.beliefs, foreseen(talk.task, talk.beliefs), strict=True)}
    best = max(gains, key=lambda name: gains[name])
    return talk.acts.index(best) if gains[best] > CERTAIN else len(talk.acts) - 1


class Policy(nn.Module):
    """Acts and the value of where one stands, from features; two networks, so that neither pulls the other's features about."""

    def __init__(self, features: int, acts: int) -> None:
        super().__init__()
        self.acts = nn.Sequential(nn.Linear(features, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, acts))
        self.worth = nn.Sequential(nn.Linear(features, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
        last = self.acts[2]
        assert isinstance(last, nn.Linear)
        with torch.no_grad():
            last.weight.mul_(0.1)


@dataclass
class Played:
    """One talk: features, acts, their intrinsic rewards (0 where nobody replied), the words that asked, and the outcome."""

    talk: Talk
    who: tuple[str, ...]
    features: list[list[float]]
    acts: list[int]
    learned: list[float]
    said: list[str] = field(default_factory=list)


def play(
    world: World, policy: Policy, number: int, reward: str, rng: random.Random, *, greedy: bool, gamma: float = GAMMA
) -> list[Played]:
    """`number` talks in step with each other, one forward pass a turn. `gamma`: of the rewards that have one."""
    played = [Played(*world.talk(rng), [], [], []) for _ in range(number)]
    while live := [p for p in played if not p.talk.done]:
        features = [p.talk.features() for p in live]
        with torch.no_grad():
            chances = policy.acts(torch.tensor(features)).softmax(1)
        acts = chances.argmax(1) if greedy else torch.multinomial(chances, 1)[:, 0]
        for p, seen, act in zip(live, features, acts.tolist(), strict=True):
            before = p.talk.belief()
            asked = p.talk.step(act, rng)
            p.features.append(seen)
            p.acts.append(act)
            if asked is not None:
                p.said.append(p.talk.question)
                p.talk.hear(world.replies.one(asked, p.who, rng))
            rewarded = reward != NONE and asked is not None
            after = p.talk.belief()
            p.learned.append(REWARDS[reward](before, after, p.talk.truth, gamma) if rewarded else 0.0)
    return played


def returns(rewards: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Generalised advantages of the turns of one talk and the returns that the values are fitted to; nothing is worth
    anything after its end."""
    advantages = [0.0] * len(rewards)
    carried = 0.0
    for t in reversed(range(len(rewards))):
        after = values[t + 1] if t + 1 < len(values) else 0.0
        carried = rewards[t] + GAMMA * after - values[t] + GAMMA * LAMBDA * carried
        advantages[t] = carried
    return advantages, [a + v for a, v in zip(advantages, values, strict=True)]


def begun(world: World, seed: int, *, taught: bool) -> Policy:
    """The policy that training starts from and is held to."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    one = world.talk(rng)[0]
    policy = Policy(len(one.features()), len(one.acts))
    if not taught or world.teacher is None:
        return policy
    seen, copied = [], []
    for _ in range(LESSONS):
        talk, who = world.talk(rng)
        while not talk.done:
            right = world.teacher(talk, rng)
            seen.append(talk.features())
            copied.append(right)
            asked = talk.step(rng.randrange(len(talk.acts) - 1) if rng.random() < STRAY else right, rng)
            if asked is not None:
                talk.hear(world.replies.one(asked, who, rng))
    features, acts = torch.tensor(seen), torch.tensor(copied)
    optimizer = torch.optim.Adam(policy.acts.parameters(), lr=1e-2)
    for _ in range(COPIES):
        loss = nn.functional.cross_entropy(policy.acts(features), acts, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return policy


def train(
    world: World,
    reward: str,
    weights: Weights,
    updates: int,
    seed: int,
    start: Policy | None = None,
    batch: int = BATCH,
    rate: float = RATE,
    gamma: float = GAMMA,
) -> tuple[Policy, list[tuple[float, float]]]:
    """The policy, and of every batch (success, turns)."""
    start = start or begun(world, seed, taught=False)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    policy = copy.deepcopy(start)
    optimizer = torch.optim.Adam(policy.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, updates)
    curve = []
    for _ in tqdm(range(updates), desc=f"{reward}, seed {seed}", mininterval=10):
        played = play(world, policy, batch, reward, rng, greedy=False, gamma=gamma)
        loss = loss_of(played, policy, start, reward, weights)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        outcomes = [p.talk.outcome() for p in played]
        curve.append((sum(o.success for o in outcomes) / batch, sum(p.talk.turn for p in played) / batch))
    return policy, curve


def loss_of(played: Sequence[Played], policy: Policy, start: Policy, reward: str, weights: Weights) -> Tensor:
    features = torch.tensor([f for p in played for f in p.features])
    acts = torch.tensor([a for p in played for a in p.acts])
    values = policy.worth(features)[:, 0]
    known = values.tolist()
    advantages: list[float] = []
    targets: list[float] = []
    scale = weights.curiosity.get(reward, 0.0)
    for p in played:
        own = known[len(advantages) : len(advantages) + len(p.acts)]
        paid = [scale * learned for learned in p.learned]
        paid[-1] += weights.outcome * outcome_reward(p)
        advantage, target = returns(paid, own)
        advantages += advantage
        targets += target
    centred = torch.tensor(advantages)
    centred = (centred - centred.mean()) / (centred.std() + 1e-6)
    logs = policy.acts(features).log_softmax(1)
    with torch.no_grad():
        reference = start.acts(features).log_softmax(1)
    apart = (logs.exp() * (logs - reference)).sum(1).mean()
    chosen = logs.gather(1, acts[:, None])[:, 0]
    worth = (values - torch.tensor(targets)).square().mean()
    loss: Tensor = -(centred * chosen).mean() + weights.start * apart + 0.5 * worth
    return loss


def outcome_reward(played: Played) -> float:
    return played.talk.outcome().quality


def measure(world: World, policy: Policy, number: int, seed: int) -> Measured:
    played = play(world, policy, number, NONE, random.Random(seed), greedy=True)
    outcomes = [p.talk.outcome() for p in played]
    kinds: dict[str, list[bool]] = {}
    for p, o in zip(played, outcomes, strict=True):
        kinds.setdefault(world.kinds[p.talk.truth], []).append(o.success)
    return Measured(
        success=mean([o.success for o in outcomes]),
        quality=mean([o.quality for o in outcomes]),
        turns=mean([p.talk.turn for p in played]),
        questions=mean([p.talk.questions for p in played]),
        repeated=mean([repeated(p.said) for p in played]),
        certainty=mean([max(p.talk.belief()) for p in played]),
        by_kind={k: mean(v) for k, v in sorted(kinds.items())},
    )


def repeated(lines: Sequence[str]) -> float:
    """Part of the words that stood in an earlier line of the talk."""
    seen: set[str] = set()
    again, number = 0, 0
    for line in lines:
        own = words(line)
        again += sum(word in seen for word in own)
        number += len(own)
        seen.update(own)
    return again / max(1, number)


def asker(policy: Policy) -> Asker:
    enter, leave = policy.acts[0], policy.acts[2]
    assert isinstance(enter, nn.Linear)
    assert isinstance(leave, nn.Linear)
    return Asker(
        enter.weight.detach().numpy().T.copy(),
        enter.bias.detach().numpy().copy(),
        leave.weight.detach().numpy().T.copy(),
        leave.bias.detach().numpy().copy(),
    )
