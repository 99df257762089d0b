"""What is believed of me, what it comes from, and what I say instead."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.api.access import Caller, Here
from app.errors import BadInput, NotFound
from app.parts import Parts
from app.profile import BeliefsView, BeliefView, EvidenceView, SetBelief
from app.store.credentials import User
from personalization.belief import Evidence, believed, set_value
from personalization.curiosity import entropy
from personalization.space import Dimension, SpaceError

router = APIRouter(tags=["me"])

Name = Annotated[str, Path(max_length=64)]


@router.get("/me/beliefs")
async def beliefs(parts: Here, caller: Caller) -> BeliefsView:
    """Every dimension, those too that nothing is known of: then it is what holds for people at large."""
    return await beliefs_of(parts, caller)


@router.put("/me/beliefs/{dimension}")
async def set_belief(dimension: Name, given: SetBelief, parts: Here, caller: Caller) -> BeliefsView:
    """What I say holds is not inferred over, and does not fade."""
    space = parts.store.space
    if dimension not in [d.name for d in space.dimensions]:
        raise NotFound("no such dimension", "dimension", dimension)
    now, one = parts.clock.now(), None
    if given.value is not None:
        try:
            one = set_value(space.dimension(dimension), given.value, f"by-hand:{caller.id}", now)
        except SpaceError as error:
            raise BadInput(str(error), "value", given.value) from error
    await parts.store.beliefs.set_by_hand(caller.id, dimension, one)
    return await beliefs_of(parts, caller)


@router.delete("/me/beliefs", status_code=204)
async def forget_beliefs(parts: Here, caller: Caller) -> None:
    """All of it, and what I was asked."""
    await parts.store.beliefs.forget(caller.id)
    await parts.store.questions.forget(caller.id)


async def beliefs_of(parts: Parts, user: User) -> BeliefsView:
    found = await parts.store.beliefs.of(user.id)
    said = await parts.store.messages.by_ids([e.source for own in found.values() for e in own if not e.set_by_hand])
    shown = {m.id: EvidenceView(message=m.id, room=room, text=m.text, at=m.at) for room, m in said}
    return BeliefsView(beliefs=[_view(d, found.get(d.name, ()), shown, parts) for d in parts.store.space.dimensions])


def _view(
    dimension: Dimension, found: tuple[Evidence, ...], shown: dict[str, EvidenceView], parts: Parts
) -> BeliefView:
    belief = believed(dimension, found, parts.clock.now())
    by_weight = sorted(
        (e for e in found if e.source in belief.sources), key=lambda e: min(e.likelihood) / max(e.likelihood)
    )
    top = max(range(len(belief.chances)), key=belief.chances.__getitem__)
    return BeliefView(
        dimension=dimension.name,
        values={v: round(p, 4) for v, p in zip(dimension.values, belief.chances, strict=True)},
        likeliest=dimension.values[top],
        uncertainty=round(min(1.0, entropy(belief.chances) / entropy(dimension.prior)), 4),
        by_hand=any(e.set_by_hand for e in found),
        ask=dimension.ask,
        evidence=[shown[e.source] for e in by_weight if e.source in shown],
    )
