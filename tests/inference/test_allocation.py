import subprocess
import sys

import pytest

from inference.allocation import keep_pages

SCRIPT = """
import resource, sys
import torch
from inference.allocation import keep_pages

def faults():
    began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        # Two at once, for glibc learns from the first that it sees freed.
        one = torch.ones(2_000_000)
        other = one + one
        del one, other
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - began

before = faults()
kept = keep_pages()
faults()
print(before, faults(), kept)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts page faults of glibc's malloc")
def test_blocks_come_back_without_page_faults() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True)
    before, after, kept = ran.stdout.split()
    assert kept == "True"
    assert int(after) < int(before) / 10
    assert int(after) < 5_000


def test_a_library_without_the_setting_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert not keep_pages()
