from memory.topics import about, echoes, telling


def test_the_words_that_tell() -> None:
    assert telling("I have a dog, and it is BIG") == {"dog", "big"}


def test_a_text_is_about_what_all_its_words_name() -> None:
    assert about("My knee hurts since Monday.", "my knee")
    assert not about("My elbow hurts.", "my knee")
    assert not about("anything", "that it is")


def test_saying_again_most_of_it_is_an_echo() -> None:
    assert echoes("So you are allergic to walnuts, Ann?", "I'm allergic to walnuts.")
    assert not echoes("Walnuts grow on trees.", "I'm allergic to walnuts and had to see a doctor.")
    assert not echoes("Nice!", "I have it.")
