"""`python -m bench NAME …`: one measurement each; the last line printed is its result as JSON."""

import sys
from collections.abc import Callable, Sequence

from bench import (
    acks,
    fanout,
    fuzz,
    gpu,
    growth,
    memory,
    page,
    power,
    precision,
    rating,
    redecide,
    reference,
    rooms,
    soak,
    sockets,
    start,
    torture,
    visit,
)

BENCHES: dict[str, Callable[[Sequence[str]], int]] = {
    "acks": acks.main,
    "fanout": fanout.main,
    "fuzz": fuzz.main,
    "gpu": gpu.main,
    "growth": growth.main,
    "memory": memory.main,
    "page": page.main,
    "power": power.main,
    "precision": precision.main,
    "rating": rating.main,
    "redecide": redecide.main,
    "reference": reference.main,
    "rooms": rooms.main,
    "soak": soak.main,
    "sockets": sockets.main,
    "start": start.main,
    "torture": torture.main,
    "visit": visit.main,
}


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in BENCHES:
        print(f"usage: python -m bench {{{','.join(BENCHES)}}} [--help]", file=sys.stderr)
        return 2
    return BENCHES[arguments[0]](arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
