from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional

from inference.attention import Part, _attended, _fused, _plain, attend
from inference.tape import Tape

LAYER = SimpleNamespace(layer_idx=0)


def part(rows: range, columns: int) -> Part:
    tape = Tape()
    tape.reserve(200)
    mask = torch.zeros(len(rows), columns).masked_fill(torch.rand(len(rows), columns) < 0.4, -1e9)
    mask[:, -1] = 0
    return Part(tape, rows, mask)


@pytest.mark.parametrize(("rows", "heads", "groups"), [(1, 4, 4), (5, 6, 2), (7, 9, 3), (100, 6, 2)])
def test_it_is_attention(rows: int, heads: int, groups: int) -> None:
    torch.manual_seed(1)
    query = torch.randn(1, heads, rows, 8)
    key, value = torch.randn(1, groups, rows, 8), torch.randn(1, groups, rows, 8)
    one = part(range(rows), rows)
    ours, _ = attend(LAYER, query, key, value, None, [one])
    known = functional.scaled_dot_product_attention(query, key, value, one.mask, enable_gqa=True)
    torch.testing.assert_close(ours, known.transpose(1, 2), atol=1e-5, rtol=1e-5)


def test_each_part_reads_its_own_tape() -> None:
    torch.manual_seed(1)
    query, key, value = torch.randn(1, 4, 9, 8), torch.randn(1, 2, 9, 8), torch.randn(1, 2, 9, 8)
    parts = [part(range(4), 4), part(range(4, 9), 5)]
    earlier = torch.randn(2, 3, 8)
    for one in parts:
        one.tape.write(0, (earlier, earlier))
        one.tape.advance(3)
    ours, _ = attend(LAYER, query, key, value, None, parts)
    for one in parts:
        here = slice(one.rows.start, one.rows.stop)
        keys, values = (torch.cat([earlier[None], new[:, :, here]], dim=2) for new in (key, value))
        # What was there before, every row sees.
        mask = functional.pad(one.mask, (3, 0))
        known = functional.scaled_dot_product_attention(query[:, :, here], keys, values, mask, enable_gqa=True)
        torch.testing.assert_close(ours[:, here], known.transpose(1, 2), atol=1e-5, rtol=1e-5)


def test_both_ways_agree() -> None:
    torch.manual_seed(1)
    query, keys, values, mask = torch.randn(2, 15, 8), torch.randn(2, 11, 8), torch.randn(2, 11, 8), torch.randn(15, 11)
    torch.testing.assert_close(
        _plain(query, keys, values, mask, 0.3, None), _fused(query, keys, values, mask, 0.3), atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("rows", [3, 70])
def test_bf16_is_near_float32(rows: int) -> None:
    torch.manual_seed(1)
    query, keys, values = torch.randn(2, rows, 8), torch.randn(2, 11, 8), torch.randn(2, 11, 8)
    mask = torch.zeros(rows, 11)
    low = _attended(query.bfloat16(), keys.bfloat16(), values.bfloat16(), mask.bfloat16(), 0.3, None)
    torch.testing.assert_close(low.float(), _fused(query, keys, values, mask, 0.3), atol=0.03, rtol=0.03)


def test_a_soft_cap_bends_the_scores() -> None:
    query, keys, values = torch.full((1, 1, 4), 10.0), torch.eye(4)[None] * 10, torch.eye(4)[None]
    capped = _plain(query, keys, values, torch.zeros(1, 4), 1.0, 1.0)
    torch.testing.assert_close(capped, torch.full((1, 1, 4), 0.25), atol=1e-3, rtol=1e-3)
