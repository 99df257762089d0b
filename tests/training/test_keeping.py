import numpy as np
from numpy.testing import assert_allclose

from memory.sorting import KEPT
from training.keeping import PASSING, _kept, _narrow, crossed, fitted, rows


def test_rows_say_what_they_are() -> None:
    made = rows((), 0, 0)
    assert {r.part for r in made} == {
        "kept",
        "passing",
        "choices",
        "occasions",
        "changes",
        "dropped",
        "told",
        "turned",
        "chatter",
        "loose",
        "banter",
        "habits",
    }
    assert len({r.text for r in made}) > 0.99 * len(made)
    assert all(r.kind in (*KEPT, "", None) for r in made)
    assert all((r.kind is None) == (r.part in PASSING) for r in made)
    assert {r.narrow for r in made if r.part in ("kept", "loose")} == {True, False}


def test_a_probe_has_the_numbers_of_its_fit_for_two_classes_and_for_three() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4))
    for y in (x[:, 0] > 0, np.digitize(x[:, 0], [-0.4, 0.4])):
        found = fitted(x, y).chances(x)
        assert_allclose(found.sum(axis=1), 1)
        assert (found.argmax(axis=1) == y).mean() > 0.9
        assert (crossed(x, y, 0).argmax(axis=1) == y).mean() > 0.8
    assert_allclose(fitted(x, y, affirming=2).affirms(x), found[:, 1:].sum(axis=1))


def test_figures_are_parts_of_the_rows() -> None:
    made = [r for r in rows((), 0, 0) if r.part in ("kept", "passing")]
    truth = np.array([float(r.kind is not None) for r in made])
    found = _kept(made, truth)
    assert found["auc"] == 1.0
    assert found["cross"] == {"kept": 1.0, "passing": 0.0}
    named = [r for r in made if r.narrow is not None]
    assert _narrow(named, np.array([float(bool(r.narrow)) for r in named]))["kept"]["cross"] == [1.0, 0.0]
