from memory.consent import Consent


def test_what_nobody_took_back_is_given() -> None:
    assert Consent() == Consent(observe=True, remember=True, infer=True)
