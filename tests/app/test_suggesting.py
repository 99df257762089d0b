"""The desk on which a message is written that is not posted."""

import asyncio

from app.suggesting import Desk
from tests.conversation.build import ANN, ASIDE, NOW, moment, talk


def test_what_is_written_there_stays_there() -> None:
    desk = Desk(moment(talk(ANN)))
    message = asyncio.run(desk.post_agent(ASIDE.id, "run-1", "Tea?", "m1"))
    assert (message.text, message.reply_to, message.author.kind, message.at) == ("Tea?", "m1", "agent", NOW)
