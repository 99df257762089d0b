"""`python -m training NAME …`: each experiment is one file with a `main`."""

import sys

from training import (
    agreeing,
    answering,
    asking,
    calibrate,
    closing,
    curiosity,
    declining,
    factors,
    head,
    holding,
    hunch,
    keeping,
    language,
    reader,
    saliency,
    scope,
    structure,
    weighing,
    wording,
)

EXPERIMENTS = {
    "agreeing": agreeing.main,
    "answering": answering.main,
    "asking": asking.main,
    "calibrate": calibrate.main,
    "closing": closing.main,
    "curiosity": curiosity.main,
    "declining": declining.main,
    "factors": factors.main,
    "head": head.main,
    "holding": holding.main,
    "hunch": hunch.main,
    "keeping": keeping.main,
    "language": language.main,
    "reader": reader.main,
    "saliency": saliency.main,
    "scope": scope.main,
    "structure": structure.main,
    "weighing": weighing.main,
    "wording": wording.main,
}

if len(sys.argv) < 2 or sys.argv[1] not in EXPERIMENTS:
    sys.exit(f"usage: python -m training {{{','.join(EXPERIMENTS)}}} …")
EXPERIMENTS[sys.argv[1]](sys.argv[2:])
