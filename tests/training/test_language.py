"""REINFORCE on a language model of two small layers: a toy, on the CPU."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch

from personalization.talk import ACT, AskingTalk
from tests.inference.conftest import make_model, make_tokenizer
from tests.training.test_curiosity import TASK, TELLS

pytest.importorskip("peft", reason="the language policy needs peft: pip install peft, or `make test`, which does")

from training.curiosity import WEIGHTS
from training.language import LanguagePolicy, Line, play, step, train

# peft asks transformers by a name that is going away.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")


def _policy() -> LanguagePolicy:
    tokenizer = make_tokenizer()
    torch.manual_seed(0)
    return LanguagePolicy(make_model(len(tokenizer) + 5), tokenizer)


def _replies(talk: AskingTalk, act: str | None, rng: random.Random) -> tuple[str, Mapping[str, Sequence[float]] | None]:
    return ("Hm.", None) if act is None else (talk.traits["trait"], TELLS[talk.traits["trait"]])


def _understands(line: str) -> str | None:
    """By its length: a toy model writes no words."""
    return (None, "trait", ACT)[len(line) % 3]


@pytest.mark.parametrize("reward", ["DiffEnt", "none"])
def test_only_the_adapters_learn(reward: str) -> None:
    policy = _policy()
    before = {name: p.detach().clone() for name, p in policy.named_parameters()}
    found, curve = train(policy, TASK, reward, WEIGHTS["exercise"], _replies, _understands, 2, 3, seed=0)
    changed = {name for name, p in policy.named_parameters() if not torch.equal(p, before[name])}
    assert changed
    assert all("lora" in name or name.startswith("worth") for name in changed)
    assert set(found) == {
        "success", "per_type", "quality", "turns", "questions", "repeated", "understood", "apart",
    }  # fmt: skip
    assert curve[-1] == (found["success"], found["turns"])
    assert all(0 <= right <= 1 <= turns <= TASK.turns for right, turns in curve)


def test_a_talk_ends_with_its_last_turn_and_what_was_not_understood_teaches_nothing() -> None:
    spoken = play(_policy(), TASK, 6, "DiffAcc", _replies, _understands, seed=1)
    for one in spoken:
        assert one.talk.done
        assert len(one.lines) == one.talk.turn
        assert one.lines[-1].learned == 0
        assert one.text.count("They:") == len(one.lines) - 1


def test_before_training_nothing_is_apart_from_the_start_and_the_loss_has_a_gradient() -> None:
    policy = _policy()
    spoken = play(policy, TASK, 4, "DiffAcc", _replies, _understands, seed=2)
    loss, apart = step(policy, spoken, "DiffAcc", WEIGHTS["exercise"])
    assert apart == pytest.approx(0, abs=1e-5)
    loss.backward()  # type: ignore[no-untyped-call]
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in policy.learns())


def test_the_chance_of_a_line_is_that_of_its_tokens_one_by_one() -> None:
    policy = _policy().requires_grad_(False)
    before, written = policy.encode("where should we eat"), policy.encode("tonight")
    whole, _ = policy.logs(Line(before, written, 0.0, True))
    parts: list[Any] = [
        policy.logs(Line((*before, *written[:i]), written[i : i + 1], 0.0, True))[0] for i in range(len(written))
    ]
    assert float(whole) == pytest.approx(float(sum(parts)), abs=1e-3)


def test_all_that_is_made_is_where_the_model_is() -> None:
    policy = _policy()
    with torch.device("meta"):  # where tensors are made that name no device: nothing can be reckoned there
        spoken = play(policy, TASK, 2, "DiffAcc", _replies, _understands, seed=3)
        loss, _ = step(policy, spoken, "DiffAcc", WEIGHTS["exercise"])
    assert loss.device == policy.device
    assert loss.isfinite()
