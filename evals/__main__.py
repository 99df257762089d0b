"""`python -m evals NAME …`: each measurement is one file with a `main`."""

import sys

from evals import ablation, coherence, exercise, factors, head, timing

EVALS = {
    "ablation": ablation.main,
    "coherence": coherence.main,
    "exercise": exercise.main,
    "factors": factors.main,
    "head": head.main,
    "timing": timing.main,
}

if len(sys.argv) < 2 or sys.argv[1] not in EVALS:
    sys.exit(f"usage: python -m evals {{{','.join(EVALS)}}} …")
EVALS[sys.argv[1]](sys.argv[2:])
