from typing import Any

import pytest

from inference.asked import hang, lay_out, spell
from inference.prompt import Part
from inference.protocol import Ask, Usage
from inference.rendering import Renderer
from inference.tree import ROOT, Tree

PROMPT = (Part("where should we eat"), Part("Thought: ", "assistant"))


@pytest.fixture
def renderer(tokenizer: Any) -> Renderer:
    return Renderer(tokenizer)


def words(tree: Tree, node: int, renderer: Renderer) -> str:
    return renderer.decode([tree.tokens[i] for i in reversed(tree.path(node))])


def test_every_question_stands_after_its_branch(renderer: Renderer) -> None:
    tree, rendered = Tree(), renderer.render(PROMPT)
    ask = Ask(PROMPT, ("Ann", "Bob"), ("\nurgent? ", "\ncheap? "), ("1", "2"))
    asked = lay_out(tree, rendered, rendered.tokens, ask, renderer)
    read = [[words(tree, q.nodes[()], renderer) for q in row] for row in asked.questions]
    assert read == [[f" {branch}\n{word}?" for word in ("urgent", "cheap")] for branch in ("Ann", "Bob")]
    assert asked.read == ()


def test_shared_tokens_are_one_node(renderer: Renderer) -> None:
    tree, rendered = Tree(), renderer.render(PROMPT)
    ask = Ask(PROMPT, ("Ann",), ("\nurgent? ", "\ncheap? "), ("1", "2"), read=1)
    trunk = (*rendered.tokens[:2], 7)
    lay_out(tree, rendered, trunk, ask, renderer)
    before = len(tree)
    again = lay_out(tree, rendered, trunk, ask, renderer)
    assert len(tree) == before
    # The prompt's own rest, then the branch, then the line break that both questions begin with.
    assert sum(parent == again.read[0].end for parent in tree.parents) == 1


def test_a_text_is_spelled_from_the_node_before_it() -> None:
    tree = Tree()
    spelled = spell(tree, ROOT, (7, 8))
    assert (spelled.chain, spelled.end) == ((ROOT, 0, 1), 1)
    assert list(spelled.pairs()) == [(ROOT, 7), (0, 8)]
    assert spelled.total({(ROOT, 7): -1.0, (0, 8): -2.5}) == -3.5


def test_ratings_are_read_from_what_was_found(renderer: Renderer) -> None:
    tree, rendered = Tree(), renderer.render(PROMPT)
    asked = lay_out(tree, rendered, rendered.tokens, Ask(PROMPT, ("",), ("",), ("1", "2")), renderer)
    one, two = asked.pairs()
    ratings = asked.ratings({one: -1.0, two: -1.0}, Usage(prompt=3))
    assert ratings.probabilities == (((0.5, 0.5),),)
    assert ratings.usage.prompt == 3


def test_a_prompt_hangs_where_it_leaves_the_trunk() -> None:
    tree, trunk = Tree(), (5, 6, 7, 8)
    assert hang(tree, trunk, trunk) == ROOT
    assert hang(tree, (5, 6, 9), trunk) == 0
    assert hang(tree, (5, 6, 9, 4), trunk) == 1
    # Its last token is read again where the trunk has all of it, and may be more than the trunk.
    assert hang(tree, (5, 6), trunk) == 2
    assert hang(tree, (*trunk, 1), trunk) == 3
    assert tree.tokens == [9, 4, 6, 1]
    assert tree.cuts == [2, 2, 3, 0]
    assert tree.depths == [-2, -1, -3, 0]
