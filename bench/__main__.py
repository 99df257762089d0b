"""`python -m bench NAME …`: one measurement each; the last line printed is its result as JSON."""

import sys
from collections.abc import Sequence
from importlib import import_module

BENCHES = (
    "acks",
    "fanout",
    "fuzz",
    "gpu",
    "growth",
    "memory",
    "page",
    "power",
    "precision",
    "rating",
    "redecide",
    "reference",
    "rooms",
    "soak",
    "sockets",
    "start",
    "torture",
    "visit",
)
"""Modules of this folder. Only the one that is asked for is loaded: each needs other packages."""


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in BENCHES:
        print(f"usage: python -m bench {{{','.join(BENCHES)}}} [--help]", file=sys.stderr)
        return 2
    found: int = import_module(f"bench.{arguments[0]}").main(arguments[1:])
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
