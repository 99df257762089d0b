"""What every test shares."""

import pytest
from hypothesis import settings

# A time limit for each example would make a busy machine fail tests of pure code.
settings.register_profile("aside", deadline=None)
settings.load_profile("aside")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
