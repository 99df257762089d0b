"""Weights from disk into memory, in the precision that suits the machine. The dtype torch.int8 stands for a model turned by
`int8_decoder.to_int8`: weights in int8, what it computes in between in float32."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, BertModel
from transformers.utils.logging import disable_progress_bar

from inference.decoder import KNOWN
from inference.fused import fused
from inference.int8_decoder import to_int8
from inference.packed import multiplies_bf16, pack, pack_linears
from inference.protocol import ModelUnavailableError
from inference.transformers_embedder import LocalEmbedder
from inference.transformers_engine import LocalModel
from inference.weights import Precision

log = logging.getLogger(__name__)


_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "int8": torch.int8}


def dtype_of(precision: Precision, compiled: Path | None = None) -> torch.dtype:
    """`compiled`: as for `load_model`."""
    return best_dtype(compiled) if precision == "auto" else _DTYPES[precision]


def best_dtype(compiled: Path | None = None) -> torch.dtype:
    """bf16 where the hardware multiplies it at twice the rate of float32; else int8 where it multiplies that; else bf16 where
    `inference.fused`, kept in `compiled`, has products of it; else float32: without such instructions torch takes several times
    as long over either. Intel's cores without AMX have bf16 instructions, and take twice as long with them as with float32, five
    times as long as with int8 (docs/log.md)."""
    if torch.cuda.is_available():
        return torch.bfloat16
    can = torch.cpu.get_capabilities()
    quick = can.get("avx512_bf16") and not str(can.get("cpu_name", "")).startswith("Intel")
    if quick or can.get("amx_bf16") or can.get("amx_tile"):
        return torch.bfloat16
    if can.get("avx512_vnni"):
        return torch.int8
    return torch.float32 if compiled is None or fused(compiled) is None else torch.bfloat16


def load_model(
    source: str,
    dtype: torch.dtype | None = None,
    settle: Callable[[], AbstractContextManager[None]] = nullcontext,
    compiled: Path | None = None,
) -> LocalModel:
    """`source`: a folder or hub id, as `weights.find_model` gives it; `settle`: entered for every pass; `compiled`: where
    `inference.fused` keeps its library, None: nothing is compiled. Raises ModelUnavailableError."""
    return LocalModel(*load_weights(source, dtype, compiled), settle=settle)


def load_weights(source: str, dtype: torch.dtype | None = None, compiled: Path | None = None) -> tuple[Any, Any]:
    """The transformers model and its tokenizer, as `load_model` wraps them."""
    dtype = dtype or best_dtype(compiled)
    model, tokenizer = _loaded(source, dtype)
    if dtype == torch.int8:
        to_int8(model)
    elif dtype == torch.bfloat16 and model.device.type == "cpu":
        made = None if compiled is None else fused(compiled)
        if multiplies_bf16() or (made is not None and type(model.base_model) in KNOWN and made.takes(model)):
            pack(model, made)
        else:
            log.warning(
                "nothing here multiplies %s in bf16, so it is kept in float32, which takes twice the memory", source
            )
            dtype = torch.float32
            model.float()
    log.info("loaded %s on %s in %s", source, model.device, dtype)
    return model, tokenizer


def load_layers(source: str) -> tuple[Any, Any]:
    """The transformers model as it is, whose hidden states between layers can be had, and its tokenizer: in bf16 where that is
    the best, else in float32."""
    dtype = best_dtype() if best_dtype() == torch.bfloat16 else torch.float32
    model, tokenizer = _loaded(source, dtype)
    if dtype == torch.bfloat16 and model.device.type == "cpu" and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        pack_linears(model.base_model)
    return model, tokenizer


def _loaded(source: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Raises ModelUnavailableError."""
    disable_progress_bar()  # type: ignore[no-untyped-call]
    offline = Path(source).is_dir()
    device = "cuda" if torch.cuda.is_available() and dtype != torch.int8 else "cpu"
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=offline)
        model = AutoModelForCausalLM.from_pretrained(
            source,
            dtype="auto" if dtype == torch.int8 else dtype,
            attn_implementation="sdpa",
            device_map=device if device == "cuda" else None,
            local_files_only=offline,
        )
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise ModelUnavailableError(f"model {source!r} does not load: {error}") from error
    return model, tokenizer


def load_embedder(folder: Path, dtype: torch.dtype = torch.float32, compiled: Path | None = None) -> LocalEmbedder:
    """all-MiniLM-L6-v2 from `folder`, on the CPU: a text takes milliseconds there. Where `dtype` is bf16 its products are, which
    take half as long, and cosines are within 0.003 of what they are in float32. `compiled`: as for `load_model`."""
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
        model = BertModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelUnavailableError(f"the sentence embedder in {folder} does not load: {error}") from error
    if dtype == torch.bfloat16 and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        pack_linears(model.encoder, None if compiled is None else fused(compiled))
    return LocalEmbedder(model, tokenizer)
