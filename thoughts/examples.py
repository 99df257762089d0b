"""What a model and the embedder give for the candidates of a place: the examples of a learned reader, read under the very prompt
under which thoughts are read."""

from dataclasses import dataclass, replace

from conversation.places import Candidate, Place
from conversation.transcript import Transcript
from heuristics.reader import Near
from inference.protocol import Embedder, LanguageModel, ModelError, Reading
from thoughts import prompts
from thoughts.evaluation import nearness
from thoughts.retrieval import HEARD


@dataclass(frozen=True, slots=True)
class Example:
    """`near`: how near the candidate is to the last messages, the newest first."""

    place: Place
    candidate: Candidate
    reading: Reading
    near: tuple[Near, ...]


async def examples(place: Place, model: LanguageModel, embedder: Embedder, window: int) -> tuple[Example, ...]:
    """One for each candidate. The model reads the last `window` messages at most, cosines are to HEARD as always. Raises
    ModelError, also where the engine gives no log-probabilities of given text."""
    moment = place.moment
    shown = replace(moment, transcript=Transcript(moment.transcript.tail(window)))
    texts = [c.text[: prompts.CLIP] for c in place.candidates]
    readings = await model.read(prompts.rating(prompts.shared(shown, ""), shown), [f" {text}" for text in texts])
    if readings is None:
        raise ModelError(f"{model.name} gives no log-probabilities of given text")
    recent = [m.text for m in moment.transcript.tail(HEARD)]
    vectors = await embedder.embed([*recent, *texts])
    heard = dict(zip(recent, vectors, strict=False))
    return tuple(
        Example(place, candidate, reading, nearness(moment, vector, heard))
        for candidate, reading, vector in zip(place.candidates, readings.readings, vectors[len(recent) :], strict=True)
    )
