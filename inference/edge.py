"""The edge of a model client: torch, tokenisers and sampling raise anything, and what else is under way is not to blame."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from inference.protocol import ModelError

log = logging.getLogger(__name__)


@dataclass
class Edge:
    """`error`: what came of it, None while it is well."""

    error: Exception | None = None


@contextmanager
def edge(what: str) -> Iterator[Edge]:
    """Around work of a model, called `what` in the log: what it raises is kept, and the work after it goes on. A ModelError was
    meant to be raised, and is not logged."""
    kept = Edge()
    try:
        yield kept
    except ModelError as error:
        kept.error = error
    except Exception as error:  # the one place of the model clients
        log.error("%s failed", what, exc_info=error)
        kept.error = error
