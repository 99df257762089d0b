"""Nouns to views and back."""

from datetime import UTC, datetime

from app.protocol import ReactionView
from app.views import conversation_message, member_of, member_view, message_view
from conversation.member import Member
from conversation.message import Author, Message

MESSAGE = Message("m1", 3, Author("a", "Ann", "human"), "Tea?", datetime(2026, 1, 5, tzinfo=UTC), "m0")


def test_a_message_there_and_back() -> None:
    view = message_view("r", MESSAGE, [ReactionView(emoji="👍", users=["b"])])
    assert (view.room, view.reactions[0].users) == ("r", ["b"])
    assert conversation_message(view) == MESSAGE


def test_a_member_there_and_back() -> None:
    member = Member("a", "Ann", "observer")
    view = member_view(member, online=True)
    assert view.online
    assert member_of(view) == member
