"""φ, the numbers of a reply that tastes differ in, by logistic matrix factorisation (PReF, arXiv 2503.06358).

    python -m training factors

Expected, after the paper: factors that start from a truncated SVD of the answers end better, and alike from seed to seed, than
those from random numbers. 84 simulated people of two traits each answer pairs of replies in seven attributes; people × pairs,
missing as 0.5 and refilled ten times, gives λ and the pairs' factors by SVD. φ (`personalization/phi.py`) is first fitted to
these factors, then both are fitted to the answers. In the end φ is turned and scaled so that λ varies alike, by about one, in
every direction among these people: then one prior suits all. Writes personalization/factors.npz. One JSON line last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from inference.hidden_embedder import LAYERS, reading_with
from inference.stored_embedder import StoredEmbedder
from personalization.features import BUCKETS, FORM, features
from personalization.pairs import FILE, READS, Bank, Offered, write
from personalization.phi import Phi, parted, shapes
from personalization.tastes import ATTRIBUTES, Reply, Words, pairs, replies, tasters, words_for_training, written_so

Array = NDArray[np.float64]
OFFERED = 300
TOPICS = 12
"""Replies that people are asked about live, and to how many messages: many to each, so that there is much to choose from."""
SIZE = 7
HIDDEN = 64
VOICES = 3
PAIRS = 2_400
ANSWERS = 400
"""Of each person."""
REFILLS = 10
RIDGE = 0.02
"""L2 on λ, the paper's."""
DROP = 0.4
"""Of the hidden layer, while it is fitted."""
DECAY = 0.03
BEFORE = 120
"""Steps towards the factors of the SVD; from a random start as many more towards the answers."""
STEPS = 150
RATE = 0.005


@dataclass(frozen=True, slots=True)
class Told:
    """What people answered. `first`, `second` [pair]: places of its replies in `texts`; `table` [person, pair]: 1 where the first
    was liked better, 0 where the second, NaN where not asked."""

    texts: tuple[str, ...]
    first: Tensor
    second: Tensor
    table: Array


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training factors", description=__doc__)
    parser.add_argument("--reads", choices=("embedder", *LAYERS), default=READS)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--start", choices=("svd", "random"), default="svd")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    parser.add_argument("--dry", action="store_true", help="write no file")
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args(arguments)
    file = options.cache.expanduser() / "embedded" / f"{options.reads}-replies.npz"
    embedder = reading_with(options.reads, file, options.cache)
    words = words_for_training()
    voices, losses, seen = [], [], 0
    for voice in range(VOICES):
        seed = options.seed * VOICES + voice
        told = answered(words, PAIRS, ANSWERS, seed)
        phi, weights, loss = fit(told, embedder, options.size, options.start, seed)
        voices.append((phi, weights))
        losses.append(round(loss, 4))
        seen += int(np.isfinite(told.table).sum())
        embedder.save()
    phi = joined(voices)
    if not options.dry:
        options.out.write_bytes(write(bank(phi, words, embedder)))
        embedder.save()
    print(json.dumps({"size": options.size, "start": options.start, "answers": seen, "losses": losses}))


def answered(words: Words, number: int, answers: int, seed: int) -> Told:
    """`number` pairs of replies in `words`, and what each of the 84 says of `answers` of them."""
    rng = random.Random(seed)
    asked = pairs(replies(words, number, rng), number, rng)
    table = np.full((len(tasters()), number), np.nan)
    for i, person in enumerate(tasters()):
        for j in rng.sample(range(number), answers):
            table[i, j] = float(person.prefers(*asked[j], rng))
    return told_of(asked, table)


def told_of(asked: Sequence[tuple[Reply, Reply]], table: Array) -> Told:
    texts = tuple(dict.fromkeys(r.text for pair in asked for r in pair))
    at = {t: i for i, t in enumerate(texts)}
    first, second = (torch.tensor([at[pair[i].text] for pair in asked]) for i in (0, 1))
    return Told(texts, first, second, table)


def bank(phi: Phi, words: Words, embedder: StoredEmbedder) -> Bank:
    """φ with replies to ask about, and how each attribute moves it."""
    rng = random.Random(1)
    offered = replies(replace(words, topics=words.topics[:TOPICS]), OFFERED, rng)
    found = phi.of([r.text for r in offered], embedder.embed)
    topics = [words.topics[r.topic][0] for r in offered]
    axes = {}
    for attribute in ATTRIBUTES:
        ends = []
        for way in (1, -1):
            some = [written_so(words, i % len(words.topics), attribute, way, rng) for i in range(60)]
            ends.append(phi.of(some, embedder.embed).mean(0))
        axes[attribute] = ends[0] - ends[1]
    shown = zip(topics, offered, found.tolist(), strict=True)
    return Bank(phi, tuple(Offered(topic, reply.text, tuple(own)) for topic, reply, own in shown), axes)


def svd_start(table: Array, size: int) -> tuple[Array, Array]:
    """λ [person, size] and factors of pairs [pair, size]; the product is centred on answers of 0.5."""
    known = np.isfinite(table)
    filled = np.where(known, table, 0.5) - 0.5
    left = right = np.zeros((0, 0))
    for _ in range(REFILLS):
        u, s, vt = np.linalg.svd(filled, full_matrices=False)
        left, right = u[:, :size] * np.sqrt(s[:size]), (vt[:size].T) * np.sqrt(s[:size])
        filled = np.where(known, table - 0.5, left @ right.T)
    # An answer of 1 stands for a logit of about two, not of one half.
    return 2 * left, 2 * right


class Network(nn.Module):
    """`Phi` while it is fitted, over all sentences at once: [sentence, feature] once each, which stand in which reply."""

    def __init__(self, told: Told, embedder: StoredEmbedder, size: int) -> None:
        super().__init__()
        parts = parted(told.texts)
        flat = list(dict.fromkeys(s for some in parts for s in some))
        at = {s: i for i, s in enumerate(flat)}
        found = torch.from_numpy(features(flat, embedder.embed(flat)))
        dim = found.shape[1] - BUCKETS - FORM
        self.dense, self.bag = found[:, :dim], found[:, dim:].to_sparse()
        self.of = torch.tensor([at[s] for some in parts for s in some])
        self.within = torch.tensor([i for i, some in enumerate(parts) for _ in some])
        self.shapes, self.number = torch.from_numpy(shapes(told.texts)), len(told.texts)
        self.read, self.counted = nn.Linear(self.dense.shape[1], HIDDEN), nn.Linear(self.bag.shape[1], HIDDEN, False)
        self.told, self.whole = nn.Linear(HIDDEN, size, False), nn.Linear(self.shapes.shape[1], size, False)

    def forward(self) -> Tensor:
        """[reply, size]"""
        hidden = torch.relu(self.read(self.dense) + torch.sparse.mm(self.bag, self.counted.weight.T))
        said: Tensor = self.told(functional.dropout(hidden, DROP, self.training))
        added = torch.zeros(self.number, said.shape[1]).index_add_(0, self.within, said[self.of])
        found: Tensor = added + self.whole(self.shapes)
        return found

    def phi(self, turned: Tensor) -> Phi:
        """What was fitted, with its directions `turned` [size, size]."""
        first = torch.cat([self.read.weight, self.counted.weight], 1).T
        rest = (self.told.weight.T @ turned, self.whole.weight.T @ turned)
        return Phi(*(x.detach().numpy() for x in (first, self.read.bias, *rest)))


def fit(told: Told, embedder: StoredEmbedder, size: int, start: str, seed: int) -> tuple[Phi, Array, float]:
    """φ, scaled; λ [person, size] to it, of which the second moment is one; and the last loss."""
    torch.manual_seed(seed)
    network = Network(told, embedder, size)
    known = np.isfinite(told.table)
    rows, columns = (torch.from_numpy(i) for i in np.nonzero(known))
    came = torch.from_numpy(told.table[known]).float()
    steps = STEPS
    if start == "svd":
        people, of_pairs = (torch.from_numpy(x).float() for x in svd_start(told.table, size))
        optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
        for _ in range(BEFORE):
            found = network()
            step(optimizer, (found[told.first] - found[told.second] - of_pairs).square().mean())
    else:
        people, steps = torch.randn(len(told.table), size), STEPS + BEFORE
    weights = people.requires_grad_()
    own: list[dict[str, Any]] = [{"params": list(network.parameters())}, {"params": [weights], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(own, lr=RATE, weight_decay=DECAY)
    loss = torch.zeros(())
    for _ in range(steps):
        found = network()
        logits = (weights[rows] * (found[told.first] - found[told.second])[columns]).sum(1)
        loss = functional.binary_cross_entropy_with_logits(logits, came) + RIDGE * weights.square().mean()
        step(optimizer, loss)
    found_weights = weights.detach().double()
    moment = found_weights.T @ found_weights / len(found_weights)
    spread = torch.linalg.cholesky(moment + 1e-6 * torch.eye(size))
    people_found: Array = torch.linalg.solve(spread, found_weights.T).T.numpy()
    return network.phi(spread.float()), people_found, float(loss.detach())


def joined(voices: Sequence[tuple[Phi, Array]]) -> Phi:
    """The mean of several φ, each turned so that its λ of the same people come nearest to those of the first."""
    (_, base), parts = voices[0], []
    for phi, weights in voices:
        u, _, v = np.linalg.svd(weights.T @ base)
        turned = (u @ v / len(voices)).astype(np.float32)
        parts.append(Phi(phi.first, phi.bias, phi.second @ turned, phi.whole @ turned))
    return Phi(
        np.concatenate([p.first for p in parts], axis=1),
        np.concatenate([p.bias for p in parts]),
        np.concatenate([p.second for p in parts]),
        np.sum([p.whole for p in parts], axis=0),
    )


def step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
