"""`python -m evals NAME …`: each measurement is one file with a `main`."""

import sys

from evals import ablation, coherence, timing

EVALS = {"ablation": ablation.main, "coherence": coherence.main, "timing": timing.main}

if len(sys.argv) < 2 or sys.argv[1] not in EVALS:
    sys.exit(f"usage: python -m evals {{{','.join(EVALS)}}} …")
EVALS[sys.argv[1]](sys.argv[2:])
