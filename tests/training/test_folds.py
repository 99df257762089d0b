"""How phrases are cut into parts."""

from pathlib import Path

from training.folds import fold_file, parts_of


def test_each_space_has_its_parts_and_each_part_its_file() -> None:
    assert (parts_of("exercise"), parts_of("preferences")) == (5, 10)
    files = {fold_file(Path("c"), "exercise", "embedder", part) for part in range(parts_of("exercise"))}
    assert len(files) == 5
