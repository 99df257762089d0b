from bench.start import measure, summary


def test_a_toy_service_starts_twice_and_rates() -> None:
    started = measure("scripted")
    assert started.ready > 0
    assert all(len(thought.scores) == 10 for thought in started.run.thoughts)
    result = summary(started, "scripted")
    assert result["thoughts"]
    assert "evaluation" in str(result["stages_ms"])
