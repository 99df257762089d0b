import ast
import asyncio
from pathlib import Path

from tests.app.harness import ManualClock, served
from tests.examples.running import EXAMPLES, example


def test_it_is_ten_lines() -> None:
    body = ast.parse((EXAMPLES / "ten_lines.py").read_text(encoding="utf-8")).body
    code = [statement for statement in body[1:] if not isinstance(statement, ast.Import | ast.ImportFrom)]
    assert len({node.lineno for top in code for node in ast.walk(top) if isinstance(node, ast.stmt)}) <= 10


def test_it_says_something_and_prints_what_comes(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=ManualClock()) as house, example("ten_lines.py", house.url) as lines:
            assert await anext(lines) == "Ann: Hello! What goes well with leeks, Aside?"

    asyncio.run(go())
