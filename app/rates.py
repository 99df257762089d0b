"""How often somebody may do something: a token bucket, as values."""

from dataclasses import dataclass


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
