"""Ten questions: which of two replies I like better, and what that says of me."""

import json
import secrets
from collections.abc import Sequence

from fastapi import APIRouter

from app.api.access import Caller, Here
from app.errors import Conflict, NotFound
from app.profile import LikingView, PairAnswer, PairView, TasteView
from app.protocol import Id
from app.store.questions import Asked
from personalization.factors import Answer
from personalization.pairs import Bank, bank_for, likings, next_pair

router = APIRouter(tags=["me"])


@router.get("/me/questions/next")
async def next_question(parts: Here, caller: Caller) -> PairView:
    """Two replies to the same message: the pair whose answer tells most. One that was shown and not answered is shown again."""
    bank, mine = bank_for(), _pairs(await parts.store.questions.of(caller.id))
    waiting = next((q for q in mine if q.outcome is None), None)
    if waiting is not None:
        return _view(bank, waiting, mine)
    pair = next_pair(bank, answers(bank, mine), [frozenset(_numbers(q)) for q in mine])
    if pair is None:
        raise NotFound("you have answered every question there is", "questions", str(len(mine)))
    asked = Asked(secrets.token_hex(8), caller.id, parts.clock.now(), json.dumps({"pair": pair}))
    await parts.store.questions.add(asked)
    return _view(bank, asked, mine)


@router.post("/me/questions/{id}")
async def answer(id: Id, given: PairAnswer, parts: Here, caller: Caller) -> TasteView:
    """Once for each. What is known of my taste after it, with its uncertainty."""
    found = next((q for q in _pairs(await parts.store.questions.of(caller.id)) if q.id == id), None)
    if found is None:
        raise NotFound("no such question to you", "id", id)
    body = json.dumps({"pair": _numbers(found), "choice": given.choice})
    if not await parts.store.questions.settle(id, "answered", body):
        raise Conflict("this question was answered", "id", id)
    return taste_of(_pairs(await parts.store.questions.of(caller.id)))


@router.get("/me/taste")
async def taste(parts: Here, caller: Caller) -> TasteView:
    return taste_of(_pairs(await parts.store.questions.of(caller.id)))


def taste_of(mine: Sequence[Asked]) -> TasteView:
    bank = bank_for()
    found = answers(bank, mine)
    views = [
        LikingView(attribute=name, mean=round(mean, 4), deviation=round(deviation, 4))
        for name, (mean, deviation) in likings(bank, found).items()
    ]
    return TasteView(answered=len(found), likings=views)


def answers(bank: Bank, mine: Sequence[Asked]) -> list[Answer]:
    """Those that chose one of the two."""
    found = []
    for question in mine:
        choice = json.loads(question.body).get("choice")
        if choice in ("first", "second"):
            found.append(Answer(bank.difference(_numbers(question)), choice == "first"))
    return found


def _pairs(asked: Sequence[Asked]) -> list[Asked]:
    return [q for q in asked if q.dimension is None]


def _numbers(question: Asked) -> tuple[int, int]:
    first, second = json.loads(question.body)["pair"]
    return int(first), int(second)


def _view(bank: Bank, asked: Asked, mine: Sequence[Asked]) -> PairView:
    first, second = (bank.replies[i] for i in _numbers(asked))
    done = sum(q.outcome is not None for q in mine)
    return PairView(id=asked.id, message=first.message, first=first.text, second=second.text, answered=done)
