from app.notice import notice


def test_who_comes_in_is_told_what_is_kept_how_long_and_how_to_stop_it() -> None:
    told = notice(agents=1, retention=30)
    assert told is not None
    for word in ("30 days", "/me/profile", "/me/forget", "/me/consent", "forget that"):
        assert word in told
    assert "until you have it forgotten" in (notice(1, 0) or "")


def test_where_nobody_remembers_nothing_is_said() -> None:
    assert notice(agents=0, retention=0) is None
