import json
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.score import Raw
from heuristics.calibration import Calibration, CalibrationError, Scale, along, calibration_for, clamp, parse
from heuristics.motivation import HEURISTICS

SHIPPED = sorted(file.name.removesuffix(".json") for file in (resources.files("heuristics") / "calibrations").iterdir())
ratings = st.none() | st.floats(1, 5)
numbers = st.floats(-10, 10)
scales = st.builds(
    Scale,
    offset=st.floats(-2, 2),
    gain=st.floats(0, 10),
    centre=numbers,
    slope=numbers,
    mix=st.floats(0, 1),
)


def document() -> dict[str, Any]:
    text = (resources.files("heuristics") / "calibrations" / "default.json").read_text(encoding="utf-8")
    loaded = json.loads(text)
    assert isinstance(loaded, dict)
    return loaded


@given(scale=scales, judged=ratings, baseline=ratings, measured=st.none() | numbers)
def test_a_value_is_always_one_to_five(
    scale: Scale, judged: float | None, baseline: float | None, measured: float | None
) -> None:
    assert 1 - 1e-9 <= scale.value(Raw(judged, baseline, 1.0, measured)) <= 5 + 1e-9


@given(scale=scales, low=st.floats(1, 5), high=st.floats(1, 5), baseline=ratings, measured=st.none() | numbers)
def test_a_better_rating_never_lowers_the_value(
    scale: Scale, low: float, high: float, baseline: float | None, measured: float | None
) -> None:
    low, high = sorted((low, high))
    values = [scale.value(Raw(judged, baseline, 1.0, measured)) for judged in (low, high)]
    assert values[0] <= values[1] + 1e-9


@given(scale=scales, judged=st.floats(1, 5))
def test_what_a_content_free_thought_gets_too_is_worth_nothing(scale: Scale, judged: float) -> None:
    alike = scale.value(Raw(judged=judged, baseline=judged))
    assert alike == pytest.approx(clamp(3 - scale.gain * scale.offset))


def test_nothing_judged_and_nothing_measured_is_neutral() -> None:
    assert Scale(offset=1.0, gain=4.0).value(Raw()) == 3.0


def test_mix_is_the_weight_of_the_measured_part() -> None:
    raw = Raw(judged=5.0, measured=-9.0)
    assert [Scale(mix=mix).value(raw) for mix in (0.0, 0.25, 1.0)] == [5.0, 4.0, 1.0]


def test_each_part_is_clamped_before_they_mix() -> None:
    # An absurd measurement may not outweigh the rating by being absurd.
    assert Scale(mix=0.5).value(Raw(judged=5.0, measured=-1_000.0)) == 3.0


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_calibration_is_whole(name: str) -> None:
    calibration = calibration_for(name)
    ten = {h.name for h in HEURISTICS}
    assert set(calibration.scales) == ten
    assert set(calibration.weights) == (ten - {"silence"} if calibration.bias is None else ten)
    assert all(weight > 0 for weight in calibration.weights.values())
    assert all(scale.gain > 0 and 0 <= scale.mix <= 1 for scale in calibration.scales.values())


@pytest.mark.parametrize("name", SHIPPED)
def test_its_presets_run_from_selective_to_chatty(name: str) -> None:
    presets = calibration_for(name).presets
    assert set(presets) == {"selective", "active", "chatty"}
    selective, active, chatty = presets["selective"], presets["active"], presets["chatty"]
    for bar in ("im_threshold", "interrupt_threshold", "allocated_threshold"):
        assert 5 >= getattr(selective, bar) >= getattr(active, bar) >= getattr(chatty, bar) >= 1, bar
    assert 0 <= selective.system1_prob <= active.system1_prob <= chatty.system1_prob <= 1
    for bars in (selective, active, chatty):
        assert bars.allocated_threshold <= bars.im_threshold <= bars.interrupt_threshold


@given(x=st.floats(-5, 15))
def test_a_map_runs_straight_between_its_points_and_flat_beyond(x: float) -> None:
    value = along(((0.0, 1.0), (10.0, -1.0)), x)
    assert value == pytest.approx(1 - min(10.0, max(0.0, x)) / 5)


def test_a_map_of_one_point_says_the_same_of_every_fact() -> None:
    assert [along(((2.0, 0.5),), x) for x in (1.0, 2.0, 3.0)] == [0.5] * 3


def test_facts_add_to_what_was_judged_and_missing_ones_say_nothing() -> None:
    scale = Scale(maps={"turns": ((0.0, 0.5), (1.0, -0.5)), "late": ((0.0, 9.0),)})
    assert scale.value(Raw(judged=3.5, facts={"turns": 1.0})) == pytest.approx(3.0)
    assert scale.value(Raw(facts={"turns": 0.0})) == pytest.approx(3.5)
    assert scale.value(Raw(facts={"late": 0.0, "turns": 0.0})) == 5.0


@pytest.mark.parametrize("points", [[], [[1.0, 0.0], [1.0, 2.0]], [[2.0, 0.0], [1.0, 0.0]], [["a", 1.0]], [[1.0]], 7])
def test_a_map_that_is_none_is_refused(points: object) -> None:
    with pytest.raises(CalibrationError):
        parse(json.dumps({**document(), "scales": {"silence": {"maps": {"turns": points}}}}))


def test_no_two_shipped_calibrations_share_a_name() -> None:
    names = [calibration_for(name).name for name in SHIPPED]
    assert len(set(names)) == len(names)


def test_an_unknown_model_gets_the_default() -> None:
    assert calibration_for("no-such-model").name == calibration_for("default").name
    assert calibration_for("../../etc/passwd").name == calibration_for("default").name


def test_the_bars_of_the_default_are_these() -> None:
    presets = calibration_for("default").presets
    assert (presets["active"].im_threshold, presets["active"].system1_prob) == (3.59, 0.2)
    assert (presets["selective"].im_threshold, presets["selective"].system1_prob) == (4.09, 0.0)


def test_what_was_parsed_is_what_the_file_says() -> None:
    parsed: Calibration = parse(json.dumps(document()))
    assert parsed.scale("originality") == Scale(gain=1.0, centre=0.5, slope=4.0, mix=0.5)
    assert parsed.weights["balance"] == 1.0


@pytest.mark.parametrize("field", ["name", "scales", "weights", "presets"])
@pytest.mark.parametrize("value", [None, 7, "", [1], {"active": "1"}, {"active": {"im_threshold": "high"}}])
def test_a_field_of_the_wrong_type_is_refused(field: str, value: object) -> None:
    with pytest.raises(CalibrationError, match="not a calibration"):
        parse(json.dumps({**document(), field: value}))


@pytest.mark.parametrize("field", ["name", "scales", "weights", "presets"])
def test_a_missing_field_is_named(field: str) -> None:
    rest = {k: v for k, v in document().items() if k != field}
    with pytest.raises(CalibrationError, match=field):
        parse(json.dumps(rest))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("scales", {"relevance": {"gain": "1.0"}}),
        ("scales", {"relevance": {"gian": 1.0}}),
        ("scales", {"relevance": {"gain": True}}),
        ("weights", {"relevance": "1.0"}),
        ("weights", {"relevance": float("nan")}),
        ("presets", {"active": {"im_threshold": 3.0}}),
    ],
)
def test_a_number_that_is_none_is_refused(part: str, value: object) -> None:
    with pytest.raises(CalibrationError):
        parse(json.dumps({**document(), part: value}))


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"default"'])
def test_a_file_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(CalibrationError):
        parse(text)


@pytest.mark.parametrize(("measured", "value"), [(2.0, 3.0), (2.5, 4.0), (1.5, 2.0)])
def test_a_measurement_counts_from_its_centre(measured: float, value: float) -> None:
    assert Scale(centre=2.0, slope=2.0).value(Raw(measured=measured)) == value
