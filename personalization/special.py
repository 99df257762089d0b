"""What nobody is asked about: the special categories of personal data (GDPR, article 9)."""

import re

from personalization.space import Dimension

_SPECIAL = re.compile(
    r"\b(?:health\w*|ill(?:ness)?|sick\w*|disease\w*|injur\w*|disab\w*|diagnos\w*|medic\w*|therap\w*|pregnan\w*|depress\w*|"
    r"anxi\w*|addict\w*|allerg\w*|weight|diet\w*|pain\w*|aches?|religio\w*|faith|church\w*|mosque\w*|pray\w*|god|belie(?:f|ve)s?\s+in|"
    r"christian\w*|muslim\w*|islam\w*|jew\w*|hindu\w*|buddhis\w*|atheis\w*|politic\w*|vot(?:e[ds]?|ing)|part(?:y|ies)\s+member\w*|"
    r"left[\s-]wing|right[\s-]wing|conservative|liberal|socialist|(?:trade|labou?r)\s+union\w*|unioni[sz]\w*|sex\w*|gay|lesbian|bisexual|"
    r"trans(?:gender)?|queer|orientation|straight\s+or\s+gay|rac(?:e|ial)|ethnic\w*|skin\s+colou?r|nationalit\w*|genetic\w*|dna|"
    r"biometric\w*|fingerprints?)\b",
    re.IGNORECASE,
)


def special(text: str) -> bool:
    """Whether `text` touches on health, religion, belief, politics, trade unions, sex, origin, genes or biometrics. Too much is
    caught rather than too little: what is not asked harms nobody."""
    return _SPECIAL.search(text.replace("_", " ")) is not None


def askable(dimension: Dimension) -> bool:
    """Whether there is a question for it that may be put to people at all."""
    words = (dimension.name, dimension.ask, *dimension.again, *dimension.values)
    return bool(dimension.ask) and not any(special(w) for w in words)
