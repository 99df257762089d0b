from pathlib import Path

import pytest
import torch

from inference.threads import free_cores, settler


def test_cores_are_free_that_nobody_but_the_caller_runs_on() -> None:
    assert free_cores("0.50 0.40 0.30 1/300 4242\n", cores=2) == 2
    assert free_cores("0.50 0.40 0.30 2/300 4242\n", cores=2) == 1
    assert free_cores("9.99 0.40 0.30 12/300 4242\n", cores=2) == -9


@pytest.mark.parametrize("line", ["", "0.5 0.4 0.3", "a b c d/e f"])
def test_what_is_no_load_is_told(line: str) -> None:
    with pytest.raises(ValueError, match=r"load|int"):
        free_cores(line, cores=2)


def test_threads_follow_the_load_between_one_and_what_is_allowed(tmp_path: Path) -> None:
    load, before = tmp_path / "loadavg", torch.get_num_threads()
    settle = settler(2, cores=4, load=load)
    found = []
    try:
        for running in (1, 3, 4, 9, 1):
            load.write_text(f"0.1 0.1 0.1 {running}/300 1\n")
            settle()
            found.append(torch.get_num_threads())
        load.unlink()
        settle()
        found.append(torch.get_num_threads())
    finally:
        torch.set_num_threads(before)
    assert found == [2, 2, 1, 1, 2, 2]
