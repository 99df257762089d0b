import subprocess
import sys

import pytest

from inference.allocation import keep_pages, share_heap

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


THREADS = """
import ctypes, os, sys, threading
from inference.allocation import share_heap

shared = share_heap() if sys.argv[1:] else False
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
ready = threading.Barrier(5)

def work():
    ready.wait()
    for _ in range(1000):
        libc.malloc(1000)
    ready.wait()

for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
ready.wait()
ready.wait()
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = (ctypes.c_int, ctypes.c_void_p)
libc.fclose.argtypes = (ctypes.c_void_p,)
out = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, out)
libc.fclose(out)
print(shared)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks glibc for its heaps")
def test_threads_share_one_heap() -> None:
    def heaps(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-c", THREADS, *arguments]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return out.count("<heap "), out.split()[-1]

    assert heaps("share") == (1, "True")
    assert heaps()[0] > 1


def test_a_library_without_the_setting_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert not keep_pages()
    assert not share_heap()
