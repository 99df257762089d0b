"""Thoughts, runs and suggestions as a reader may see them: what was told before an audience goes to nobody outside it, not even
to those who may read thoughts."""

from collections.abc import Collection
from typing import TypeVar

from app.protocol import RetrievedView, RunView, ThoughtView, WeighingView
from app.review import SuggestionView
from memory.audience import may_hear

T = TypeVar("T", ThoughtView, RetrievedView, SuggestionView)


def without_words(view: T, readers: Collection[str]) -> T:
    """`view`, with no text where one of `readers` may not hear it."""
    heard = view.audience is None or may_hear(frozenset(view.audience), readers)
    return view if heard else view.model_copy(update={"text": "", "audience": []})


def run_for(run: RunView, readers: Collection[str]) -> RunView:
    """Where something that came to mind is not for `readers`, which way it speaks is not either."""
    retrieved = [without_words(r, readers) for r in run.retrieved]
    return run.model_copy(
        update={
            "thoughts": [without_words(t, readers) for t in run.thoughts],
            "retrieved": retrieved,
            "weighing": run.weighing if retrieved == run.retrieved else without_grounds(run.weighing),
        }
    )


def without_grounds(weighing: WeighingView | None) -> WeighingView | None:
    """What was taken, and nothing of why."""
    return None if weighing is None else weighing.model_copy(update={"reasoned": None, "suits": None, "said": []})
