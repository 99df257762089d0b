"""CURIO with a language policy: the model itself writes the questions, tuned by LoRA with the rewards of the head policy.

    python -m training language --task exercise --reward DiffAcc --model small --updates 300 --batch 16 --out adapter/

For a GPU: on a CPU it is a demonstration (`--model tiny --updates 2 --batch 2`). Not run at size yet, and no adapter ships.

Each turn the model reads the talk and writes one line. It asks what the question of the space asks that it is nearest to by the
sentence embedder; a line near none is answered vaguely, and one that says RECOMMEND ends the talk. The person answers in words,
the listener reads them, and the reward is that of `training.curiosity`: turn-level REINFORCE with generalised advantages (λ = γ =
0.95), less β times how much likelier the line has become than under the model without its adapter. The advantage of a turn is
that of all its tokens.

`peft` gives the adapters. Of `trl` nothing fits: its trainers reward one completion of one prompt, and here a person answers
between the turns of a talk. One JSON line last: of the last batch, `reward` (its name), `success`, `per_type`, `quality`,
`turns`, `questions`, `repeated` (part of the words of a talk's lines that stood in an earlier one of them), `understood` (part
of the lines that asked something or ended the talk), `apart` (nats a turn from the start). `--curves` draws success and turns
over training.
"""

import argparse
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from inference.hidden_embedder import READERS, reading_with
from inference.loading import load_weights
from inference.stored_embedder import StoredEmbedder
from inference.weights import find_model
from memory.saliency import cosine
from personalization.curiosity import GAMMA, REWARDS
from personalization.listener import heard, listener_for
from personalization.person import MESSY, PLAIN, answer, draw
from personalization.phrasing import phrased, unheard_for
from personalization.space import space_for
from personalization.talk import ACT, AskingTalk, Task, exercise_task, preferences_task
from training.curiosity import NONE, WEIGHTS, Weights, repeated, returns
from training.runs import draw_curves

RANK, ALPHA = 8, 16
"""Of the adapters on the projections of queries and values."""
RATE = 1e-4
LINE = 20
"""Tokens of a line at most."""
NEAR = 0.5
"""Cosine at which a line asks what a question of the space asks."""
ENDS = "recommend"
BRIEF = "You find out about somebody by asking. Write one short question at a time. When you know enough, write RECOMMEND.\n"
Replies = Callable[[AskingTalk, str | None, random.Random], tuple[str, Mapping[str, Sequence[float]] | None]]
"""What the person says to an act, None for a line that was not understood; and what is read from it."""
Understands = Callable[[str], str | None]
"""The act that a line comes to: the name of a question, ACT, or None."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was written in one turn: tokens before it, tokens of it, and what was learned by it."""

    before: tuple[int, ...]
    written: tuple[int, ...]
    learned: float
    understood: bool


@dataclass
class Spoken:
    """`said`: the lines as words."""

    talk: AskingTalk
    text: str = BRIEF
    lines: list[Line] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


class LanguagePolicy(nn.Module):
    """A causal language model with adapters, the only part of it that learns, and a linear estimate of where one stands."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        super().__init__()
        from peft import LoraConfig, get_peft_model

        shape = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model: Any = get_peft_model(model, shape)
        self.tokenizer = tokenizer
        self.device: torch.device = model.device
        self.worth = nn.Linear(model.config.hidden_size, 1, device=self.device)
        nn.init.zeros_(self.worth.weight)

    def learns(self) -> list[nn.Parameter]:
        return [p for p in self.parameters() if p.requires_grad]

    def encode(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer.encode(text, add_special_tokens=False))

    @torch.no_grad()
    def write(self, before: Sequence[int], generator: torch.Generator) -> tuple[int, ...]:
        """One line after `before`, sampled; never empty."""
        tokens, written, cache = torch.tensor([list(before)], device=self.device), list[int](), None
        while len(written) < LINE:
            out = self.model(input_ids=tokens, past_key_values=cache, use_cache=True)
            cache = out.past_key_values
            chances = out.logits[0, -1].float().softmax(0)
            token = int(torch.multinomial(chances, 1, generator=generator))
            written.append(token)
            if token == self.tokenizer.eos_token_id or "\n" in self.tokenizer.decode([token]):
                break
            tokens = torch.tensor([[token]], device=self.device)
        return tuple(written)

    def logs(self, line: Line) -> tuple[Tensor, Tensor]:
        """Log-probability of the line, summed over its tokens, and what is expected from here on; scalars."""
        tokens = torch.tensor([[*line.before, *line.written]], device=self.device)
        out = self.model(input_ids=tokens, use_cache=False, output_hidden_states=True)
        first = len(line.before) - 1
        chances = out.logits[0, first:-1].float().log_softmax(1)
        log = chances.gather(1, torch.tensor(line.written, device=self.device)[:, None]).sum()
        return log, self.worth(out.hidden_states[-1][0, first].float().detach())[0]

    @torch.no_grad()
    def start_log(self, line: Line) -> Tensor:
        """As `logs`, of the model that training started from."""
        with self.model.disable_adapter():
            return self.logs(line)[0]


def play(
    policy: LanguagePolicy, task: Task, number: int, reward: str, replies: Replies, understands: Understands, seed: int
) -> list[Spoken]:
    rng, generator = random.Random(seed), torch.Generator(policy.device).manual_seed(seed)
    spoken = [Spoken(AskingTalk(task, draw(task.space, rng))) for _ in range(number)]
    for one in spoken:
        while not one.talk.done:
            before = policy.encode(f"{one.text}You: ")
            written = policy.write(before, generator)
            line = policy.tokenizer.decode(list(written), skip_special_tokens=True).strip()
            act, belief = understands(line), one.talk.belief()
            if act is None:  # it takes a turn and asks nothing
                one.talk.turn += 1
                one.talk.done = one.talk.turn == task.turns
            else:
                one.talk.step(one.talk.acts.index(act), rng)
            learned = 0.0
            if not one.talk.done:
                said, read = replies(one.talk, act, rng)
                if read is not None:
                    one.talk.hear(read)
                if reward != NONE:
                    learned = REWARDS[reward](belief, one.talk.belief(), one.talk.truth, GAMMA)
                one.text += f"You: {line}\nThey: {said}\n"
            one.lines.append(Line(before, written, learned, act is not None))
            one.said.append(line)
    return spoken


def step(policy: LanguagePolicy, spoken: Sequence[Spoken], reward: str, weights: Weights) -> tuple[Tensor, float]:
    """The loss of a batch, and the mean divergence from the start in nats a turn."""
    logs, values, advantages, targets, apart = [], [], list[float](), list[float](), list[float]()
    for one in spoken:
        read = [policy.logs(line) for line in one.lines]
        drift = [float(log.detach() - policy.start_log(line)) for (log, _), line in zip(read, one.lines, strict=True)]
        paid = [
            weights.curiosity.get(reward, 0.0) * line.learned - weights.start * d
            for line, d in zip(one.lines, drift, strict=True)
        ]
        paid[-1] += weights.outcome * one.talk.outcome().quality
        advantage, target = returns(paid, [float(v.detach()) for _, v in read])
        logs += [log for log, _ in read]
        values += [value for _, value in read]
        advantages += advantage
        targets += target
        apart += drift
    centred = torch.tensor(advantages, device=policy.device)
    centred = (centred - centred.mean()) / (centred.std(correction=0) + 1e-6)
    worth = (torch.stack(values) - torch.tensor(targets, device=policy.device)).square().mean()
    return -(centred * torch.stack(logs)).mean() + 0.5 * worth, sum(apart) / len(apart)


def train(
    policy: LanguagePolicy, task: Task, reward: str, weights: Weights, replies: Replies, understands: Understands,
    updates: int, batch: int, seed: int,
) -> tuple[dict[str, object], list[tuple[float, float]]]:  # fmt: skip
    """Figures of the last batch, and of every batch (success, turns)."""
    optimizer = torch.optim.AdamW(policy.learns(), lr=RATE, weight_decay=0.0)
    spoken, apart, curve = list[Spoken](), 0.0, []
    for update in tqdm(range(updates), desc=f"{reward}, language", mininterval=10):
        spoken = play(policy, task, batch, reward, replies, understands, seed + update)
        loss, apart = step(policy, spoken, reward, weights)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(policy.learns(), 1.0)
        optimizer.step()
        right = sum(one.talk.outcome().success for one in spoken)
        curve.append((right / batch, sum(len(one.lines) for one in spoken) / batch))
    return {**figures(spoken), "apart": apart}, curve


def figures(spoken: Sequence[Spoken]) -> dict[str, object]:
    """Pure."""
    lines = [line for one in spoken for line in one.lines]
    outcomes = [one.talk.outcome() for one in spoken]
    kinds: dict[str, list[bool]] = {}
    for one, outcome in zip(spoken, outcomes, strict=True):
        kinds.setdefault(one.talk.task.kinds[one.talk.truth], []).append(outcome.success)
    return {
        "success": sum(o.success for o in outcomes) / len(spoken),
        "per_type": {kind: round(sum(right) / len(right), 3) for kind, right in sorted(kinds.items())},
        "quality": sum(o.quality for o in outcomes) / len(spoken),
        "turns": len(lines) / len(spoken),
        "questions": sum(one.talk.questions for one in spoken) / len(spoken),
        "repeated": sum(repeated(one.said) for one in spoken) / len(spoken),
        "understood": sum(line.understood for line in lines) / len(lines),
    }


def nearest_act(task: Task, embedder: StoredEmbedder) -> Understands:
    """By the sentence embedder."""
    asks = embedder.embed([task.space.dimension(name).ask for name in task.asks]).tolist()

    def act(line: str) -> str | None:
        if ENDS in line.lower():
            return ACT
        if not line:
            return None
        own = embedder.embed([line])[0].tolist()
        near = [cosine(own, ask) for ask in asks]
        best = max(range(len(near)), key=near.__getitem__)
        return task.asks[best] if near[best] >= NEAR else None

    return act


def people_of(name: str, reads: str, cache: Path) -> Replies:
    """Half of them plain, half messy, in words that no listener was fitted on."""
    phrasing, listener, space = unheard_for(name), listener_for(name, reads), space_for(name)
    embedder = reading_with(reads, cache / "embedded" / f"{reads}-{name}-talks.npz", cache)

    def replies(
        talk: AskingTalk, act: str | None, rng: random.Random
    ) -> tuple[str, Mapping[str, Sequence[float]] | None]:
        if act is None:
            return phrased(rng.choice(phrasing.vague), rng), None
        matter = [space.dimension(n) for n in talk.task.matter]
        said = answer(space.dimension(act), talk.traits, rng.choice((PLAIN, MESSY)), phrasing, matter, rng).text
        return said, heard(listener, [said], embedder.embed, [act])[0]

    return replies


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training language", description=__doc__)
    parser.add_argument("--task", choices=("exercise", "preferences"), default="exercise")
    parser.add_argument("--reward", choices=[*REWARDS, NONE], default="DiffAcc")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--reads", choices=("embedder", *READERS), default="embedder")
    parser.add_argument("--updates", type=int, default=300)
    parser.add_argument("--batch", type=int, default=16, help="talks an update")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="folder for the adapter")
    parser.add_argument("--curves", type=Path, help="where to draw the curves: FILE.png")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    torch.manual_seed(options.seed)
    cache = options.cache.expanduser()
    # float32: with other precisions weights are laid out for serving, and no gradient goes through them.
    policy = LanguagePolicy(*load_weights(find_model(options.model, cache), torch.float32))
    task = {"exercise": exercise_task, "preferences": preferences_task}[options.task](space_for(options.task))
    understands = nearest_act(task, StoredEmbedder(cache / "embedded" / "embedder-asks.npz"))
    replies = people_of(options.task, options.reads, cache)
    weights = WEIGHTS[options.task]
    found, curve = train(
        policy, task, options.reward, weights, replies, understands, options.updates, options.batch, options.seed
    )
    if options.out:
        policy.model.save_pretrained(options.out)
    if options.curves:
        draw_curves({options.reward: [curve]}, options.task, options.curves)
    rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in found.items()}
    print(json.dumps({"task": options.task, "model": options.model, "reward": options.reward, **rounded}))
