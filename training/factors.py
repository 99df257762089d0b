"""φ, the numbers of a reply that tastes differ in, by logistic matrix factorisation (PReF, arXiv 2503.06358).

    python -m training factors

Expected, after the paper: factors that start from a truncated SVD of the answers end better, and alike from seed to seed, than
those from random numbers. 84 simulated people of two traits each answer pairs of replies written from templates; people ×
pairs, missing as 0.5 and refilled ten times, gives λ and the pairs' factors by SVD, ridge regression of these on what the
embedder and the form of the two replies say gives φ, linear, and gradient steps on both finish it. Writes
personalization/factors.npz. One JSON line last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from inference.hidden_embedder import LAYERS, reading_with
from inference.stored_embedder import StoredEmbedder
from personalization.pairs import FILE, READS, Bank, Offered, write
from personalization.tastes import (
    ATTRIBUTES,
    Reply,
    numbers,
    pairs,
    replies,
    tasters,
    words_for_training,
    written_so,
)

Array = NDArray[np.float64]
OFFERED = 96
"""Replies that people are asked about live."""
SIZE = 7
PAIRS = 1_200
ANSWERS = 150
"""Of each person."""
REFILLS = 10
RIDGE = 0.02
"""L2 on λ, the paper's."""
SMOOTH = 30.0
"""Ridge on the map from features to factors."""
DECAY = 0.1
STEPS = 300
RATE = 0.01


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
    differences, table = answered(embedder, options.seed)
    embedder.save()
    phi, loss = fit(differences, table, options.size, options.start, options.seed)
    if not options.dry:
        options.out.write_bytes(write(bank(phi, embedder)))
        embedder.save()
    seen = int(np.isfinite(table).sum())
    print(json.dumps({"size": options.size, "start": options.start, "answers": seen, "loss": round(loss, 4)}))


def answered(embedder: StoredEmbedder, seed: int) -> tuple[Array, Array]:
    """Feature differences [pair, feature], and answers [person, pair]: 1 where the first was liked better, 0 where the second,
    NaN where not asked."""
    rng = random.Random(seed)
    words = words_for_training()
    asked = pairs(replies(words, PAIRS, rng), PAIRS, rng)
    table = np.full((len(tasters()), len(asked)), np.nan)
    for i, person in enumerate(tasters()):
        for j in rng.sample(range(len(asked)), ANSWERS):
            table[i, j] = float(person.prefers(*asked[j], rng))
    return apart(asked, embedder), table


def bank(phi: Array, embedder: StoredEmbedder) -> Bank:
    """φ with replies to ask about, and how each attribute moves it."""
    words = words_for_training()
    rng = random.Random(1)
    offered = replies(words, OFFERED, rng)
    found = numbers([r.text for r in offered], embedder.embed) @ phi
    topics = [words.topics[r.topic][0] for r in offered]
    axes = {}
    for attribute in ATTRIBUTES:
        ends = []
        for way in (1, -1):
            some = [written_so(words, i % len(words.topics), attribute, way, rng) for i in range(60)]
            ends.append((numbers(some, embedder.embed) @ phi).mean(0))
        axes[attribute] = ends[0] - ends[1]
    shown = zip(topics, offered, found.tolist(), strict=True)
    return Bank(phi, tuple(Offered(topic, reply.text, tuple(own)) for topic, reply, own in shown), axes)


def apart(asked: Sequence[tuple[Reply, Reply]], embedder: StoredEmbedder) -> Array:
    """[pair, feature]: what the embedder and the form say of the first less that of the second."""
    first, second = (numbers([pair[i].text for pair in asked], embedder.embed) for i in (0, 1))
    return first - second


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


def fit(differences: Array, table: Array, size: int, start: str, seed: int) -> tuple[Array, float]:
    """φ [feature, size] and the last loss."""
    rng = np.random.default_rng(seed)
    # A few hidden states dwarf the others; φ takes features as they come in the end.
    spread = differences.std(0) + 1e-4
    differences = differences / spread
    if start == "svd":
        people, of_pairs = svd_start(table, size)
        gram = differences.T @ differences + SMOOTH * len(differences) * np.eye(differences.shape[1])
        phi = np.linalg.solve(gram, differences.T @ of_pairs)
    else:
        people = rng.normal(size=(len(table), size))
        phi = rng.normal(size=(differences.shape[1], size)) / differences.shape[1] ** 0.5
    known = np.isfinite(table)
    rows, columns = (torch.from_numpy(i) for i in np.nonzero(known))
    came = torch.from_numpy(table[known])
    weights = torch.tensor(people, requires_grad=True)
    shared = torch.tensor(phi, requires_grad=True)
    inputs = torch.from_numpy(differences)
    optimizer = torch.optim.Adam([weights, shared], lr=RATE)
    loss = torch.zeros((), dtype=torch.float64)
    for _ in range(STEPS):
        logits = (weights[rows] * (inputs @ shared)[columns]).sum(1)
        loss = functional.binary_cross_entropy_with_logits(logits, came)
        loss = loss + RIDGE * weights.square().mean() + DECAY * shared.square().sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    found: Array = shared.detach().numpy()
    # Only the product is fitted: with λ of about one for everybody, one prior is right for all.
    return found * (weights.detach().numpy().std(0) + 1e-9) / spread[:, None], float(loss.detach())
