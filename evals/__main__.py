"""`python -m evals NAME …`: each measurement is one file with a `main`."""

import sys

from evals import ablation, asking, candor, coherence, exercise, factors, head, leaks, memory, occasions, recall, timing

EVALS = {
    "ablation": ablation.main,
    "asking": asking.main,
    "candor": candor.main,
    "coherence": coherence.main,
    "exercise": exercise.main,
    "factors": factors.main,
    "head": head.main,
    "leaks": leaks.main,
    "memory": memory.main,
    "occasions": occasions.main,
    "recall": recall.main,
    "timing": timing.main,
}

if len(sys.argv) < 2 or sys.argv[1] not in EVALS:
    sys.exit(f"usage: python -m evals {{{','.join(EVALS)}}} …")
EVALS[sys.argv[1]](sys.argv[2:])
