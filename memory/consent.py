"""What a person lets agents do with what they say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consent:
    """`observe`: agents read their messages when they think. `remember`: items are written from them, and used. `infer`: more is
    concluded about the person than they said: beliefs, interests, a summary."""

    observe: bool = True
    remember: bool = True
    infer: bool = True
