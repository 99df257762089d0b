from hypothesis import given
from hypothesis import strategies as st

from inference.protocol import Embedder, LanguageModel, ModelError, ModelUnavailableError, Usage, weakest
from inference.scripted import ScriptedEmbedder, ScriptedModel

counts = st.integers(0, 10**9)
usages = st.builds(Usage, counts, counts, counts)


@given(usages, usages, usages)
def test_usage_adds_field_by_field_in_any_order(a: Usage, b: Usage, c: Usage) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Usage() == a
    assert (a + b).cached == a.cached + b.cached


def test_a_missing_model_is_caught_where_a_failing_one_is() -> None:
    assert issubclass(ModelUnavailableError, ModelError)


def test_the_weakest_way_of_several() -> None:
    assert weakest(["logprobs", "logprobs-line", "logprobs"]) == "logprobs-line"
    assert weakest(["written", "logprobs-line"]) == "written"
    assert weakest(["logprobs", "logits"]) == "logprobs"
    assert weakest([]) == "logits"


def test_the_double_stands_where_a_model_stands() -> None:
    model: LanguageModel = ScriptedModel()
    embedder: Embedder = ScriptedEmbedder()
    assert (model.name, embedder.dim) == ("scripted", 64)
