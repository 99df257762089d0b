"""A decision can be made again from what its run keeps."""

from heuristics.calibration import calibration_for
from tests.conversation.build import ANN, BOB, moment, talk, thought
from thoughts.basis import Basis
from thoughts.evaluation import Turn
from thoughts.footing import footing
from thoughts.participation import decide
from thoughts.policy import Policy


def test_basis_thoughts_calibration_and_seed_are_all_that_a_decision_needs() -> None:
    thoughts = (thought(motivation=4.9), thought("t2", motivation=2.0))
    calibration = calibration_for("default")
    bases = [
        Basis(footing(moment(talk(ANN, BOB))), turn, Policy(mode=mode))
        for turn in (Turn({"anyone": 1.0}, None), Turn({"bob": 1.0}, "bob"))
        for mode in ("speak", "shadow")
    ]
    made = [[decide(b.footing, thoughts, b.turn, b.policy, calibration, seed=1) for b in bases] for _ in range(2)]
    assert made[0] == made[1]
    assert {d.act for d in made[0]} == {"speak", "hold"}
