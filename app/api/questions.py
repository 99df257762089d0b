"""Ten questions: which of two replies I like better, and what that says of me."""

import json
import secrets
from collections.abc import Sequence

from fastapi import APIRouter

from app.api.access import Caller, Here
from app.errors import Conflict, NotFound
from app.parts import Parts
from app.profile import LikingView, PairAnswer, PairView, TasteView
from app.protocol import Id
from app.store.questions import Asked
from app.tasting import answers, thumbed
from personalization.pairs import Bank, bank_for, likings, next_pair

router = APIRouter(tags=["me"])


@router.get("/me/questions/next")
async def next_question(parts: Here, caller: Caller) -> PairView:
    """Two replies to the same message: the pair whose answer tells most. One that was shown and not answered is shown again."""
    bank, mine = bank_for(), _pairs(await parts.store.questions.of(caller.id))
    done = sum(q.outcome is not None for q in mine)
    for waiting in mine:
        shown = _numbers(bank, waiting)
        if waiting.outcome is None and shown is not None:
            return _view(bank, waiting.id, shown, done)
    before = [frozenset(n) for q in mine if (n := _numbers(bank, q)) is not None]
    pair = next_pair(bank, answers(bank, mine), before)
    if pair is None:
        raise NotFound("you have answered every question there is", "questions", str(len(mine)))
    body = json.dumps({"pair": [bank.replies[i].text for i in pair]})
    asked = Asked(secrets.token_hex(8), caller.id, parts.clock.now(), body)
    await parts.store.questions.add(asked)
    return _view(bank, asked.id, pair, done)


@router.post("/me/questions/{id}")
async def answer(id: Id, given: PairAnswer, parts: Here, caller: Caller) -> TasteView:
    """Once for each. What is known of my taste after it, with its uncertainty."""
    found = next((q for q in _pairs(await parts.store.questions.of(caller.id)) if q.id == id), None)
    if found is None:
        raise NotFound("no such question to you", "id", id)
    body = json.dumps({**json.loads(found.body), "choice": given.choice})
    if not await parts.store.questions.settle(id, "answered", body):
        raise Conflict("this question was answered", "id", id)
    return await taste_of(parts, caller.id)


@router.get("/me/taste")
async def taste(parts: Here, caller: Caller) -> TasteView:
    """From my answers, and from my thumbs on what agents said."""
    return await taste_of(parts, caller.id)


async def taste_of(parts: Parts, user: str) -> TasteView:
    bank = bank_for()
    found = answers(bank, await parts.store.questions.of(user))
    thumbs = await parts.store.questions.thumbs(user)
    told = [*found, *await thumbed(bank, parts.engine.embedder, thumbs)]
    views = [
        LikingView(attribute=name, mean=round(mean, 4), deviation=round(deviation, 4))
        for name, (mean, deviation) in likings(bank, told).items()
    ]
    return TasteView(answered=len(found), thumbs=len(thumbs), likings=views)


def _pairs(asked: Sequence[Asked]) -> list[Asked]:
    return [q for q in asked if q.dimension is None]


def _numbers(bank: Bank, question: Asked) -> tuple[int, int] | None:
    return bank.pair(json.loads(question.body)["pair"])


def _view(bank: Bank, id: str, pair: tuple[int, int], answered: int) -> PairView:
    first, second = (bank.replies[i] for i in pair)
    return PairView(id=id, message=first.message, first=first.text, second=second.text, answered=answered)
