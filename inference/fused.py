"""The products of a layer, what stands between them, and attention, as one call each: for bf16 on processors with AVX-512 and its
bf16 instructions, as AMD has them since Zen 4, with AMX, which is used where it is there, with AVX-512 alone, as Intel has had it
since Skylake, and with AVX2.

Half of a pass would be torch's many small steps, and its attention room by room. `inference/fused.c` and `inference/products.c`
(which `inference/tiled.py` calls) are compiled once, where the machine has a C compiler, and kept with the weights; where it has
none, everything is computed by torch. Where nothing multiplies bf16, what is kept in it, half as much to read from memory, is
widened to float32 in registers.

`python -m inference.fused FOLDER` compiles for every processor that it is for, for machines that have no compiler: the image of a
container is built so. What is in the library is asked of the processor, not of the machine that compiled it.
"""

import argparse
import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from inference.attention import Part
    from inference.tape import Tape

log = logging.getLogger(__name__)

_SOURCES = tuple(Path(__file__).with_name(name) for name in ("fused.c", "products.c"))
_READ = (*_SOURCES, *(Path(__file__).with_name(name) for name in ("fused.h", "vectors.h")))
_FLAGS = ("-std=gnu11", "-O3", "-fPIC", "-shared", "-fopenmp")
_AVX2 = ("-mavx2", "-mfma")
_AVX512 = ("-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq")
_BF16 = (*_AVX512, "-mavx512bf16")
_AMX = (*_BF16, "-mamx-tile", "-mamx-bf16")
PANEL = 32
"""Numbers of a matrix that are multiplied together: both sides of one in tiles are multiples of it."""
_SIZES = (64, 128)
"""Numbers of a head."""
_NAMES = " and ".join(source.name for source in _SOURCES)
_COMPILED_WITHIN = 60
"""Seconds."""


@cache
def has_amx() -> bool:
    """Whether this processor multiplies tiles of bf16."""
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))


def instructions() -> list[tuple[str, ...]]:
    """What this processor has of what the sources are compiled for, as flags: the best first. A kernel may refuse tiles to a
    process whose processor has them."""
    can = torch.cpu.get_capabilities()
    avx512 = all(can.get(name) for name in ("avx512_f", "avx512_bw", "avx512_vl", "avx512_dq"))
    bf16 = avx512 and can.get("avx512_bf16")
    has = {_AMX: bf16 and has_amx(), _BF16: bf16, _AVX512: avx512, _AVX2: can.get("avx2") and can.get("fma3")}
    return [flags for flags, there in has.items() if there]


def fused(folder: Path) -> "Fused | None":
    """The compiled functions, kept in `folder`. None where the processor is not there, or neither library nor compiler."""
    if platform.system() != "Linux":
        return None
    for flags in instructions():
        try:
            made = _made(folder, (*_FLAGS, *flags))
            library = None if made is None else ctypes.CDLL(str(made))
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("%s were not compiled with %s, so passes take longer: %s", _NAMES, " ".join(flags), error)
            continue
        if library is not None and not library.aside_tiles():
            return Fused(library)
    return None


def _made(folder: Path, flags: Sequence[str]) -> Path | None:
    """The library, compiled where it is not there; None where nothing compiles. Raises OSError and SubprocessError."""
    key = hashlib.sha256(b"".join(file.read_bytes() for file in _READ) + " ".join(flags).encode()).hexdigest()[:16]
    made = folder / f"fused-{key}.so"
    if not made.is_file():
        compiler = shutil.which("cc")
        if compiler is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        # Two processes may start at once: each makes a file of its own, and the last one stays.
        fresh = made.with_suffix(f".{os.getpid()}")
        command = [compiler, *flags, *map(str, _SOURCES), "-o", str(fresh), "-lm"]
        subprocess.run(command, check=True, capture_output=True, timeout=_COMPILED_WITHIN)
        fresh.replace(made)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m inference.fused",
        description=f"Compiles {_NAMES} for AMX, AVX-512 with and without bf16, and AVX2.",
    )
    parser.add_argument("folder", type=Path, help="where the model's cache will be: ASIDE_CACHE")
    given = parser.parse_args(arguments)
    if platform.machine() not in ("x86_64", "AMD64"):
        parser.exit(0, f"nothing to compile for {platform.machine()!r}\n")
    for flags in (_AVX2, _AVX512, _BF16, _AMX):
        if _made(given.folder, (*_FLAGS, *flags)) is None:
            parser.exit(1, "no C compiler: `cc` is not on the PATH\n")
    return 0


class Fused:
    """`library`: inference/fused.c and products.c, compiled. Tensors are contiguous and on the CPU; what multiplies is bf16."""

    def __init__(self, library: ctypes.CDLL) -> None:
        pointer, number, real = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float
        self._add_norm, self._gate, self._attend = library.aside_add_norm, library.aside_gate, library.aside_attend
        self._add_norm.argtypes = (pointer, pointer, pointer, number, number, real, ctypes.c_int)
        self._gate.argtypes = (pointer, pointer, number, number, ctypes.c_int)
        self._best = library.aside_best
        self._best.argtypes = (*[pointer] * 4, *[number] * 3, ctypes.c_int)
        shape: tuple[Any, ...] = (number, pointer, *[number] * 5, real)
        self._attend.argtypes = (*[pointer] * 6, *shape, pointer, pointer, ctypes.c_int)
        self._factor = int(library.aside_factor())
        self._pack, self._multiply = library.aside_pack, library.aside_multiply
        self._likeliest, self._layers = library.aside_likeliest, library.aside_layers
        self._pack.argtypes = (pointer, pointer, number, number, ctypes.c_int)
        self._multiply.argtypes = (*[pointer] * 4, *[number] * 3, ctypes.c_int, pointer, ctypes.c_int)
        self._likeliest.argtypes = (*[pointer] * 7, *[number] * 4, pointer, ctypes.c_int)
        passed: tuple[Any, ...] = (*[pointer] * 3, number, pointer, *[number] * 5, real, pointer, pointer)
        called: tuple[Any, ...] = (*[pointer] * 2, *[number] * 3, real, *[pointer] * 3, number)
        self._layers.argtypes = (*called, *passed, ctypes.c_int)
        between = (self._add_norm, self._gate, self._attend, self._best)
        for function in (*between, self._pack, self._multiply, self._likeliest, self._layers):
            function.restype = None

    def takes(self, model: Any) -> bool:
        """Whether all of a transformers causal model, one whose layers `Decoder` computes, is computed here."""
        layer, head = model.base_model.layers[0], model.get_output_embeddings()
        linears = [part for part in layer.modules() if isinstance(part, torch.nn.Linear)]
        whole = all(side % PANEL == 0 for part in (*linears, head) for side in part.weight.shape)
        return whole and self.computes(model.config, layer)

    @staticmethod
    def computes(config: Any, layer: Any) -> bool:
        """Whether a transformers layer, one that `Decoder` computes, is one that these functions compute."""
        attention, mlp = layer.self_attn, layer.mlp
        return (
            attention.head_dim in _SIZES
            and not hasattr(attention, "q_norm")
            and type(mlp.act_fn).__name__ in ("SiLU", "SiLUActivation")
            and not config.hidden_size % 16
            and not config.intermediate_size % 16
        )

    def add_norm(self, hidden: torch.Tensor, more: torch.Tensor | None, epsilon: float) -> torch.Tensor:
        """Adds `more` to `hidden` [rows, width], float32, where it stands; returns it divided by its root mean square."""
        rows, width = hidden.shape
        out = hidden.new_empty(rows, width, dtype=torch.bfloat16)
        added = None if more is None else more.data_ptr()
        self._add_norm(hidden.data_ptr(), added, out.data_ptr(), rows, width, epsilon, torch.get_num_threads())
        return out

    def gate(self, both: torch.Tensor) -> torch.Tensor:
        """[rows, 2 × width], gates and values → [rows, width]: silu(gate) × value."""
        rows, width = len(both), both.shape[1] // 2
        out = both.new_empty(rows, width)
        self._gate(both.data_ptr(), out.data_ptr(), rows, width, torch.get_num_threads())
        return out

    def best(self, logits: torch.Tensor, most: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Of each row of [rows, vocabulary]: the `most` largest, which they are, [rows, most] each, and the logarithm of the sum
        of the exponentials of all, [rows]; float32."""
        rows, size = logits.shape
        most = min(most, size)
        largest, totals = torch.empty(rows, most), torch.empty(rows)
        where = torch.empty(rows, most, dtype=torch.long)
        self._best(
            *(tensor.data_ptr() for tensor in (logits, largest, where, totals)),
            rows,
            size,
            most,
            torch.get_num_threads(),
        )
        return largest, where, totals

    def pack(self, weight: torch.Tensor) -> torch.Tensor:
        """A matrix [out, in], both multiples of 32, as `multiply` and `likeliest` read it."""
        rows, width = weight.shape
        assert rows % PANEL == width % PANEL == 0, weight.shape
        weight = weight.detach().to(torch.bfloat16).contiguous()
        packed = torch.empty(rows * width, dtype=torch.bfloat16)
        self._pack(weight.data_ptr(), packed.data_ptr(), rows, width, torch.get_num_threads())
        return packed

    def multiply(
        self, x: torch.Tensor, packed: torch.Tensor, bias: torch.Tensor | None, gates: bool = False
    ) -> torch.Tensor:
        """[rows, in] → [rows, out], bias [out] in float32. `gates`: of each 32 numbers 16 are gates and 16 what they let through,
        → [rows, out / 2]."""
        rows, width = x.shape
        out = packed.numel() // width
        y, space = x.new_empty(rows, out // 2 if gates else out), self._space(rows, width)
        self._multiply(
            *(x.data_ptr(), packed.data_ptr(), None if bias is None else bias.data_ptr(), y.data_ptr()),
            *(rows, width, out, gates, space.data_ptr(), torch.get_num_threads()),
        )
        return y

    def likeliest(
        self, x: torch.Tensor, packed: torch.Tensor, bias: torch.Tensor | None, most: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """As `best` of what `multiply` gives, in float32, and without ever having all of it. `most` may be 0: the sums alone."""
        rows, width = x.shape
        out, threads = packed.numel() // width, torch.get_num_threads()
        most, space = min(most, out), self._space(rows, width)
        largest, totals, sums = torch.empty(threads, rows, most), torch.empty(rows), torch.empty(threads, rows, 17)
        where = torch.empty(threads, rows, most, dtype=torch.long)
        self._likeliest(
            *(x.data_ptr(), packed.data_ptr(), None if bias is None else bias.data_ptr()),
            *(tensor.data_ptr() for tensor in (largest, where, totals, sums)),
            *(rows, width, out, most, space.data_ptr(), threads),
        )
        return largest[0], where[0], totals

    def layers(
        self, hidden: torch.Tensor, weights: Any, count: int, inner: int, epsilon: float, attention: "Attention"
    ) -> None:
        """Adds to `hidden` [rows, width], float32, what `count` layers say, in one call. `weights`: pointers, of each layer to
        its four matrices and their biases, as inference/products.c has them; `inner`: numbers that gates let through.
        `attention`: that of the pass."""
        rows, width = hidden.shape
        room = torch.empty(rows * (2 * width + attention.width + inner), dtype=torch.bfloat16)
        space = self._space(rows, max(width, attention.width, inner))
        tapes, taped = attention.pointers(range(count))
        self._layers(
            *(hidden.data_ptr(), weights, count, width, inner, epsilon, room.data_ptr()),
            *(space.data_ptr(), tapes, taped),
            *attention.given,
            torch.get_num_threads(),
        )

    def _space(self, rows: int, width: int) -> torch.Tensor:
        """Where rows are laid out as they are multiplied, as tiles of 16 at most."""
        return torch.empty(-(-rows // 16) * 16 * width * self._factor, dtype=torch.uint8)

    def attention(
        self, parts: "Sequence[Part]", turns: torch.Tensor, heads: int, groups: int, scale: float
    ) -> "Attention":
        """That of one pass. `turns`: [rows, size / 2], complex."""
        return Attention(self._attend, parts, turns, heads, groups, scale)


class Attention:
    """Attention of one pass, called layer by layer with what the product for queries, keys and values gave: bf16 [rows, (heads +
    2 groups) × size]. Turns queries and keys by their positions, writes keys and values on the tapes, and returns [rows, heads
    × size]. Tapes that stand together and begin alike have their beginning read once; a row adds up the same either way."""

    def __init__(
        self, function: Any, parts: "Sequence[Part]", turns: torch.Tensor, heads: int, groups: int, scale: float
    ) -> None:
        rows, size = len(turns), 2 * turns.shape[1]
        self._function = function
        self._turns = torch.view_as_real(turns).contiguous()
        self._masks = [part.mask.float().contiguous() for part in parts]
        self._like = torch.empty(groups, 0, size, dtype=torch.bfloat16)
        self._out = (rows, heads * size)
        self._space = torch.empty((rows + 32) * heads * size, dtype=torch.bfloat16)
        self._kept = torch.empty(rows * heads * (size + 17))
        spans = [span for _, alike in groupby(parts, _beginning) if len(span := list(alike)) > 1]
        together = [part for span in spans if span[0].shared for part in span]
        spans = [span for span in spans if span[0].shared]
        shapes = [_shape(part.tape, part.rows, part, part in together) for part in parts]
        self._shape = torch.tensor(shapes, dtype=torch.long)
        origins = [span[0].tape.origin for span in spans]
        self._tapes = [*(part.tape for part in parts), *(origin for origin in origins if origin is not None)]
        assert len(self._tapes) == len(parts) + len(spans)
        self._spans = torch.tensor(
            [
                _shape(origin, range(span[0].rows.start, span[-1].rows.stop), span[0], True)
                for origin, span in zip(self._tapes[len(parts) :], spans, strict=True)
            ],
            dtype=torch.long,
        )
        self._mask_pointers = (ctypes.c_void_p * len(parts))(*(mask.data_ptr() for mask in self._masks))
        self.width = (2 * heads + 2 * groups) * size
        """Numbers of a row that go in, and that come out."""
        self.given = (
            *(self._turns.data_ptr(), self._shape.data_ptr(), self._mask_pointers, len(self._shape)),
            *(self._spans.data_ptr(), len(self._spans), rows, heads, groups, size, scale),
            *(self._space.data_ptr(), self._kept.data_ptr()),
        )
        """What it is called with beside rows and tapes."""

    def pointers(self, layers: Iterable[int]) -> tuple[Any, int]:
        """To keys and values of every tape, layer after layer, and how many there are in each."""
        found = [
            buffer.data_ptr()
            for layer in layers
            for tape in self._tapes
            for buffer in tape.buffers(layer, (self._like, self._like))
        ]
        return (ctypes.c_void_p * len(found))(*found), 2 * len(self._tapes)

    def __call__(self, layer: int, mixed: torch.Tensor) -> torch.Tensor:
        out = mixed.new_empty(self._out)
        turns, *given = self.given
        tapes, _ = self.pointers([layer])
        self._function(mixed.data_ptr(), turns, out.data_ptr(), tapes, *given, torch.get_num_threads())
        return out


def _beginning(part: "Part") -> tuple[int, int]:
    return id(part.tape.origin), part.shared


def _shape(tape: "Tape", rows: range, part: "Part", together: bool) -> tuple[int, ...]:
    """As the fields of a part in inference/fused.c."""
    return (tape.capacity, tape.length, len(rows), rows.start, part.mask.shape[1], part.shared, int(together))


if __name__ == "__main__":
    raise SystemExit(main())
