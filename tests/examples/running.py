"""An example, run as a reader would: its own process, from the command line."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE = 30.0
"""Seconds for a line; it hangs otherwise."""


@asynccontextmanager
async def example(name: str, *arguments: str) -> AsyncIterator[AsyncIterator[str]]:
    """The lines that it prints, as it prints them. It is stopped at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLES / name), *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    output = process.stdout

    async def lines() -> AsyncIterator[str]:
        while True:
            async with asyncio.timeout(PATIENCE):
                line = await output.readline()
            assert line, f"{name} ended with {await process.wait()}"
            yield line.decode().rstrip("\n")

    try:
        yield lines()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
