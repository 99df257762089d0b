from pathlib import Path

import pytest
import torch

from inference.threads import cores, free_cores, settler


def given(monkeypatch: pytest.MonkeyPatch, group: Path, files: dict[str, str], affinity: int = 64) -> int:
    """What `cores` makes of a container's files."""
    monkeypatch.setattr("inference.threads.os.sched_getaffinity", lambda process: set(range(affinity)))
    for name, text in files.items():
        (group / name).parent.mkdir(exist_ok=True)
        (group / name).write_text(text)
    return cores(group)


@pytest.mark.parametrize(
    ("quota", "found"),
    [
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),
        ("20000 100000\n", 1),
        ("9900000 100000\n", 64),
        ("max 100000\n", 64),
    ],
)
def test_no_more_cores_than_a_container_has_the_time_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, found: int
) -> None:
    assert given(monkeypatch, tmp_path, {"cpu.max": quota}) == found
    share, period = quota.replace("max", "-1").split()
    (tmp_path / "cpu.max").unlink()
    first = {"cpu/cpu.cfs_quota_us": f"{share}\n", "cpu/cpu.cfs_period_us": f"{period}\n"}
    assert given(monkeypatch, tmp_path, first) == found


@pytest.mark.parametrize(
    "files",
    [{}, {"cpu.max": ""}, {"cpu.max": "much 100000"}, {"cpu.max": "200000 0"}, {"cpu/cpu.cfs_quota_us": "200000"}],
)
def test_where_no_quota_can_be_read_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str]
) -> None:
    assert given(monkeypatch, tmp_path, files) == 64


def test_no_more_cores_than_the_process_may_run_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert given(monkeypatch, tmp_path, {"cpu.max": "300000 100000"}, affinity=2) == 2


def test_cores_are_free_that_nobody_but_the_caller_runs_on() -> None:
    assert free_cores("0.50 0.40 0.30 1/300 4242\n", cores=2) == 2
    assert free_cores("0.50 0.40 0.30 2/300 4242\n", cores=2) == 1
    assert free_cores("9.99 0.40 0.30 12/300 4242\n", cores=2) == -9


@pytest.mark.parametrize("line", ["", "0.5 0.4 0.3", "a b c d/e f"])
def test_what_is_no_load_is_told(line: str) -> None:
    with pytest.raises(ValueError, match=r"load|int"):
        free_cores(line, cores=2)


def chosen(load: Path, passes: list[tuple[str, str, float]]) -> list[int]:
    """Threads of each pass: what runs when it begins, when it ends, and the seconds until the next; "" where nothing tells."""
    before, clock = torch.get_num_threads(), [0.0]
    settle, found = settler(2, cores=4, load=load, now=lambda: clock[0]), []

    def tell(running: str) -> None:
        load.unlink(missing_ok=True)
        if running:
            load.write_text(f"0.1 0.1 0.1 {running}/300 1\n")

    try:
        for begins, ends, pause in passes:
            tell(begins)
            with settle():
                found.append(torch.get_num_threads())
                tell(ends)
            clock[0] += pause
    finally:
        torch.set_num_threads(before)
    return found


def test_threads_follow_the_load_between_one_and_what_is_allowed(tmp_path: Path) -> None:
    passes = [(running, running, 1.0) for running in ("1", "3", "4", "9", "1", "")]
    assert chosen(tmp_path / "loadavg", passes) == [2, 2, 1, 1, 2, 2]


def test_who_is_awake_between_two_passes_only_takes_no_core(tmp_path: Path) -> None:
    awake = [("1", "1", 0.01), ("4", "1", 0.01), ("4", "4", 0.01), ("4", "4", 0.01), ("1", "4", 0.01)]
    assert chosen(tmp_path / "loadavg", awake) == [2, 2, 2, 1, 2]
    # What was seen a while ago tells nothing.
    assert chosen(tmp_path / "loadavg", [("1", "1", 0.2), ("4", "4", 0.2)]) == [2, 1]
