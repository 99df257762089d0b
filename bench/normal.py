"""The service with SQLite's `synchronous=NORMAL`, which shall lose messages when the power goes: `python -m bench.normal serve`.

`bench power` must be able to fail; this is what it fails with. Nobody else should want it.
"""

import sys

from app import cli
from app.store import database

database.PRAGMAS = tuple("synchronous=NORMAL" if p.startswith("synchronous") else p for p in database.PRAGMAS)

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:]))
