"""Whether there is anything to migrate, found out without alembic."""

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from app.store.upgrade import MIGRATIONS, head, is_current

ROOT = Path(__file__).resolve().parents[3]


def test_the_head_is_alembics() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert head() == set(ScriptDirectory.from_config(config).get_heads())


def test_a_branch_has_two_heads(tmp_path: Path) -> None:
    for own, before in (("1", "None"), ("2", '"1"'), ("3", '"1"')):
        (tmp_path / f"{own}.py").write_text(f'revision: str = "{own}"\ndown_revision: str | None = {before}\n')
    assert head(tmp_path) == {"2", "3"}


def test_only_the_newest_shape_is_current() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert not is_current(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        assert not is_current(connection)
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
        assert not is_current(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head().pop()})
        assert is_current(connection)
    engine.dispose()


def test_a_start_that_has_nothing_to_migrate_does_not_import_alembic() -> None:
    """A fifth of a second of every start."""
    code = "import sys, app.main; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
