"""REINFORCE on a toy: a person of one trait, a question that finds it out, an act."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from personalization.curiosity import GAMMA
from personalization.listener import ListenerError
from personalization.person import draw
from personalization.phrasing import Phrasing, phrasing_in
from personalization.space import Dimension, Space, space_for
from personalization.talk import AskingTalk, Task, exercise_task
from training.curiosity import (
    LAMBDA,
    WEIGHTS,
    World,
    asker,
    begun,
    deaf,
    largest_gain,
    looking_ahead,
    loss_of,
    main,
    measure,
    play,
    repeated,
    returns,
    train,
)
from training.replies import Read, Replies

TRAIT = Dimension("trait", ("a", "b"), (0.5, 0.5))
MOOD = Dimension("mood", ("a", "b"), (0.5, 0.5))
TASK = Task(
    name="toy",
    space=Space("toy", (TRAIT, MOOD)),
    matter=("trait",),
    asks=("mood", "trait"),
    turns=4,
    kinds=("a", "b"),
    kind=lambda traits: TRAIT.index(traits["trait"]),
    chances=lambda beliefs: beliefs["trait"],
    quality=lambda chosen, right: float(chosen == right),
)
TELLS: dict[str, Read] = {"a": {"trait": (1.0, 0.05)}, "b": {"trait": (0.05, 1.0)}}
_READ: dict[tuple[str, tuple[str, ...]], list[Read]] = {}
for _value in "ab":
    _READ["trait", (_value,)] = [TELLS[_value]]
    _READ["mood", (_value,)] = [{"trait": (1.0, 1.0)}]
REPLIES = Replies(_READ)


def _talk(rng: random.Random) -> tuple[AskingTalk, tuple[str, ...]]:
    value = rng.choice("ab")
    return AskingTalk(TASK, {"trait": value, "mood": "a"}), (value,)


WORLD = World(_talk, REPLIES, TASK.kinds, TASK.asks)


@pytest.mark.parametrize("reward", ["DiffAcc", "DiffEnt"])
def test_a_policy_learns_to_ask_what_tells(reward: str) -> None:
    policy, curve = train(WORLD, reward, WEIGHTS["exercise"], 60, seed=0)
    found = measure(WORLD, policy, 100, seed=1)
    assert found.success > 0.9
    assert len(curve) == 60
    acts = {p.acts[0] for p in play(WORLD, policy, 20, "none", random.Random(0), greedy=True)}
    assert acts == {1}


def test_the_same_seed_trains_the_same_policy() -> None:
    one, other = (asker(train(WORLD, "Ent", WEIGHTS["exercise"], 3, seed=4)[0]) for _ in range(2))
    assert (one.enter == other.enter).all()
    assert (one.leave == other.leave).all()


def test_advantages_by_hand() -> None:
    rewards, values = [1.0, 0.0, 2.0], [0.5, 0.2, 0.1]
    last = 2.0 - 0.1
    middle = GAMMA * 0.1 - 0.2 + GAMMA * LAMBDA * last
    first = 1.0 + GAMMA * 0.2 - 0.5 + GAMMA * LAMBDA * middle
    advantages, targets = returns(rewards, values)
    assert advantages == pytest.approx([first, middle, last])
    assert targets == pytest.approx([first + 0.5, middle + 0.2, 2.0])


def test_only_turns_with_a_reply_are_rewarded_and_the_policy_starts_at_the_start() -> None:
    torch.manual_seed(0)
    policy, _ = train(WORLD, "none", WEIGHTS["exercise"], 1, seed=0)
    played = play(WORLD, policy, 30, "Ent", random.Random(0), greedy=False)
    assert all(p.learned[-1] == 0 for p in played)
    assert any(x > 0 for p in played for x in p.learned)
    assert torch.isfinite(loss_of(played, policy, policy, "Ent", WEIGHTS["exercise"]))


def test_a_taught_policy_starts_with_its_teacher_s_questions() -> None:
    taught = begun(replace(WORLD, teacher=largest_gain), 0, taught=True)
    played = play(WORLD, taught, 20, "none", random.Random(0), greedy=True)
    assert all(set(p.acts[:-1]) == {1} for p in played)
    blank = begun(WORLD, 0, taught=True)
    assert measure(WORLD, taught, 100, 1).success > 0.9
    assert len(list(blank.parameters())) == len(list(taught.parameters()))


def test_who_looks_ahead_asks_what_matters_and_acts_in_time() -> None:
    task = exercise_task(space_for("exercise"))
    teacher, rng = looking_ahead(task), random.Random(0)
    talk = AskingTalk(task, draw(task.space, rng))
    asked = []
    while not talk.done:
        asked.append(talk.acts[teacher(talk, rng)])
        talk.step(talk.acts.index(asked[-1]), rng)
    assert set(asked[:-1]) <= set(task.matter)
    assert len(asked) <= task.turns


def test_words_are_repeated_where_an_earlier_line_had_them() -> None:
    assert repeated(["Do you like tea?", "Do you like jam?"]) == pytest.approx(3 / 8)
    assert repeated(["tea tea", "jam"]) == 0
    assert repeated(["tea", "Tea?"]) == 0.5
    assert repeated(["", "?"]) == 0


def test_listeners_that_were_not_fitted_are_named_with_what_fits_them(tmp_path: Path) -> None:
    with pytest.raises(ListenerError, match=r"toy-small-0\.npz: python -m training head --space toy --reads small"):
        deaf("toy", "small", tmp_path)


def test_several_rewards_are_told_apart_in_words_that_they_were_not_trained_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held_out = Path(__file__).parents[2] / "evals" / "phrasings" / "exercise.json"
    deaf_to = Replies({key: [{"trait": (1.0, 1.0)}] for key in _READ})

    def world_of(*named: object, phrasing: Phrasing | None = None) -> World:
        return replace(WORLD, replies=deaf_to) if phrasing == phrasing_in(held_out.parent, "exercise") else WORLD

    monkeypatch.setattr("training.curiosity.world_of", world_of)
    main(
        [
            "--reward",
            "DiffEnt",
            "none",
            "--seeds",
            "2",
            "--updates",
            "40",
            "--talks",
            "400",
            "--measured",
            str(held_out),
        ]
    )
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["reward"] == "DiffEnt none"
    assert found["apart"].keys() == {"none - DiffEnt"}
    success = [row["success"][0] for row in found["rewards"].values()]
    assert success == pytest.approx([0.5, 0.5], abs=0.1)  # what one learned to ask is of no use where nothing is heard
