"""Between the nouns of a conversation and what the wire shows of them."""

from datetime import datetime
from sys import intern

from app.protocol import AuthorView, MemberView, MessageView, ReactionView
from conversation.member import Member
from conversation.message import Author, Message


def message_view(
    room: str,
    message: Message,
    reactions: list[ReactionView] | None = None,
    edited_at: datetime | None = None,
    deleted_at: datetime | None = None,
) -> MessageView:
    return MessageView(
        id=message.id,
        seq=message.seq,
        room=room,
        author=AuthorView(id=message.author.id, name=message.author.name, kind=message.author.kind),
        text=message.text,
        at=message.at,
        reply_to=message.reply_to,
        reactions=reactions or [],
        edited_at=edited_at,
        deleted_at=deleted_at,
    )


def conversation_message(view: MessageView) -> Message:
    # The same few authors over and over in what a room keeps.
    author = Author(intern(view.author.id), intern(view.author.name), view.author.kind)
    return Message(view.id, view.seq, author, view.text, view.at, view.reply_to)


def member_view(member: Member, online: bool) -> MemberView:
    return MemberView(id=member.id, name=member.name, role=member.role, online=online)


def member_of(view: MemberView) -> Member:
    return Member(view.id, view.name, view.role)
