"""What somebody who comes into a room is told of its agents' memory."""


def notice(agents: int, retention: int) -> str | None:
    """In words; None where nobody remembers anything. `retention`: in days, 0 for no end."""
    if not agents:
        return None
    kept = f"for {retention} days" if retention else "until you have it forgotten"
    return (
        "Agents here remember what people say of themselves, with the messages that it came from. It is used only where "
        f"everybody in the room heard it, and is kept {kept}. You can see, correct and erase all of it (/me/profile, "
        "/me/forget), or turn it off (/me/consent); asking an agent here "
        "“what do you know about me?” or telling it “forget that” does the same."
    )
