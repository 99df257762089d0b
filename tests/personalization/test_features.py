"""What a network sees of a text."""

import numpy as np

from personalization.features import BUCKETS, FORM, bag, features, form, words


def test_words_are_lower_case_and_keep_their_apostrophes() -> None:
    assert words("I don’t LIKE it, 2 times!") == ["i", "don't", "like", "it", "2", "times"]


def test_a_denial_has_another_bag_than_its_statement() -> None:
    assert np.abs(bag("I like it") - bag("I don't like it")).max() > 0.3
    assert np.array_equal(bag("I like it"), bag("i LIKE it"))
    assert np.isfinite(bag("")).all()


def test_form_counts_what_is_seen() -> None:
    plain, loud = form("hello there"), form("HELLO there!! 😀 :)")
    assert plain.shape == (FORM,)
    assert plain[1] == 0
    assert loud[1] > 1
    assert loud[3] > 1
    assert loud[4] > plain[4]
    assert np.isfinite(form("")).all()


def test_features_stand_side_by_side() -> None:
    embeddings = np.eye(4, dtype=np.float32)[:2]
    found = features(["yes", "no"], embeddings)
    assert found.shape == (2, 4 + BUCKETS + FORM)
    assert found[0, 0] == 1.0
    assert found.dtype == np.float32
