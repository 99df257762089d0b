"""What one of the herd makes of its frames."""

from bench.herd import Sheep
from bench.seeding import Seat


def test_gaps_losses_and_refusals_are_counted() -> None:
    heard: list[bytes] = []
    sheep = Sheep(Seat("u", "t", "r"), lambda _, payload: heard.append(payload))
    for seq in (1, 2, 4):
        sheep._read(b'{"type":"message","room":"r","seq":%d,"message":{}}' % seq)
    assert (sheep.seen, sheep.gaps) == (4, 1)
    sheep._read(b'{"type":"presence","room":"r","seq":null,"member":{}}')
    sheep._read(b'{"type":"live","room":"r","seq":4}')
    assert sheep.live.is_set()
    sheep._read(b'{"type":"resync","room":"r","after":2}')
    assert (sheep.seen, sheep.resyncs, sheep.live.is_set()) == (2, 1, False)
    sheep._read(b'{"type":"error","code":"too_many"}')
    assert sheep.errors == [b'{"type":"error","code":"too_many"}']
    assert len(heard) == 7
