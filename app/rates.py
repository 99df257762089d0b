"""How often somebody may do something: a token bucket, as values."""

from dataclasses import dataclass

from app.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """`rate` a second for as long as one likes, `burst` at once after a rest."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was left at the monotonic second `at`."""

    left: float
    at: float


def full(limit: Limit, now: float) -> Bucket:
    return Bucket(float(limit.burst), now)


def take(bucket: Bucket, limit: Limit, now: float) -> Bucket | None:
    """The bucket with one taken out of it, or None when it is too early for that."""
    left = min(float(limit.burst), bucket.left + (now - bucket.at) * limit.rate)
    return Bucket(left - 1, now) if left >= 1 else None


MESSAGES = Limit(rate=6, burst=10)
"""Per person and room. Above the five a second that are promised, so that a sender's jitter never adds up to a refusal."""
FRAMES = Limit(rate=50, burst=100)
"""Per connection."""
PERSON = Limit(rate=30, burst=90)
"""Messages of one person, over all rooms."""
ROOM = Limit(rate=300, burst=600)
"""Messages in one room, whoever writes them."""
REQUESTS = Limit(rate=50, burst=500)
"""REST calls of one person."""
HEAVY = Limit(rate=0.2, burst=10)
"""Calls of one person that read a whole room: exporting it, taking one in."""
TRIALS = Limit(rate=5, burst=60)
"""Times that one person has a log decided again: the page does so while a slider is moved, and a dozen times to find a bar."""
REGISTRATIONS = Limit(rate=0.5, burst=20)
"""New people from one address that is not this machine's."""
STRANGERS = Limit(rate=5, burst=100)
"""Calls with a token that is not valid, from one address."""

_MANY = 10_000
"""Buckets after which those that are full again are forgotten."""


class Meter:
    """Buckets of this process by what they are of."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], tuple[Bucket, Limit]] = {}

    def take(self, what: str, who: str, limit: Limit, now: float) -> None:
        """Raises TooMany, saying what of."""
        bucket, _ = self._buckets.get((what, who), (full(limit, now), limit))
        if (left := take(bucket, limit, now)) is None:
            raise TooMany(f"at most {limit.rate:g} {what} a second, {limit.burst} at once")
        self._buckets[what, who] = left, limit
        if len(self._buckets) > _MANY:
            self._buckets = {
                key: (kept, of)
                for key, (kept, of) in self._buckets.items()
                if kept.left + (now - kept.at) * of.rate < of.burst
            }
