"""When an agent may speak: the values that its owner sets, as deciding code sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from heuristics.calibration import Bars, Calibration, clamp

Mode = Literal["shadow", "suggest", "speak"]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` by the wall clock of `zone` (an IANA name); over midnight when `start` is later."""

    start: time
    end: time
    zone: str

    def holds(self, now: datetime) -> bool:
        local = now.astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True, slots=True)
class Policy:
    """Bars left None come from the preset of the model's calibration. Seconds for `min_gap`, `pause` and `debounce`;
    `talk_share` is a part (0–1) of the last `talk_window` messages; `agent_budget` counts agents' messages since a human
    wrote; `tokens_per_day` those that the model reads anew and writes for the agent. `bar_offset`, learned from people's
    verdicts, moves the bars of what nobody asked for. `weights`, by heuristic, take the place of those in the calibration.
    `mute_until` is its owner's word, `quiet_until` that of a member in the room. `version` goes into every run."""

    preset: str = "active"
    im_threshold: float | None = None
    interrupt_threshold: float | None = None
    allocated_threshold: float | None = None
    system1_prob: float | None = None
    silence_growth: float = 1.02
    silence_cap: int = 10
    talk_share: float = 0.4
    talk_window: int = 20
    messages_per_hour: int = 30
    min_gap: float = 4.0
    quiet_hours: QuietHours | None = None
    agent_budget: int = 2
    tokens_per_day: int | None = None
    bar_offset: float = 0.0
    pause: float = 10.0
    debounce: float = 1.5
    decay: float = 0.95
    weights: Mapping[str, float] = field(default_factory=dict)
    mode: Mode = "speak"
    mute_until: datetime | None = None
    quiet_until: datetime | None = None
    version: int = 1

    def bars(self, calibration: Calibration) -> Bars:
        preset = calibration.presets[self.preset]

        def chosen(own: float | None, given: float) -> float:
            return given if own is None else own

        return Bars(
            clamp(chosen(self.im_threshold, preset.im_threshold) + self.bar_offset),
            clamp(chosen(self.interrupt_threshold, preset.interrupt_threshold) + self.bar_offset),
            chosen(self.allocated_threshold, preset.allocated_threshold),
            chosen(self.system1_prob, preset.system1_prob),
        )

    def weighing(self, calibration: Calibration) -> Calibration:
        """`calibration` as this policy weighs it: the same scales, bars and name."""
        if not self.weights:
            return calibration
        return replace(calibration, weights={**calibration.weights, **self.weights})

    def muted(self, now: datetime) -> bool:
        return self.mute_until is not None and now < self.mute_until

    def hushed(self, now: datetime) -> bool:
        return self.quiet_until is not None and now < self.quiet_until

    @property
    def zone(self) -> str:
        """IANA name of the zone in which its days begin and its members say "until six"."""
        return "UTC" if self.quiet_hours is None else self.quiet_hours.zone
