"""What is counted and measured for `GET /metrics`, in Prometheus' own words. One registry a process."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from app.protocol import RunView, TokensView
from inference.calls import WATCHERS, Call
from inference.protocol import Usage

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

FAST = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper ends of the buckets, in seconds."""

SOCKETS = Gauge("aside_websockets", "Websockets that are open and said hello.", registry=REGISTRY)
TASKS = Gauge("aside_tasks", "Tasks of the event loop.", registry=REGISTRY)
ROOMS = Gauge("aside_rooms_open", "Rooms that are live in this process.", registry=REGISTRY)
QUEUE = Gauge(
    "aside_queue",
    "What waits: writes for a commit, frames for readers, messages of the whole service for a thought, runs for a place, "
    "notes for Redis.",
    ["what"],
    registry=REGISTRY,
)
ASKED = Gauge("aside_model_requests", "Requests the model process has not answered yet.", ["kind"], registry=REGISTRY)
WAITED = Histogram(
    "aside_model_wait_seconds",
    "From asking the model until it took the request up.",
    ["kind"],
    buckets=SLOW,
    registry=REGISTRY,
)
WORKED = Histogram(
    "aside_model_work_seconds", "From there until it had answered.", ["kind"], buckets=SLOW, registry=REGISTRY
)
MESSAGES = Counter("aside_messages", "Messages of people that were acknowledged.", ["door"], registry=REGISTRY)
REFUSED = Counter("aside_refused", "Requests and frames that were refused, by code.", ["code"], registry=REGISTRY)
ACK = Histogram("aside_ack_seconds", "From a message's arrival until it is durable.", buckets=FAST, registry=REGISTRY)
FAN_OUT = Histogram(
    "aside_fan_out_seconds", "From there until everybody in the room was sent it.", buckets=FAST, registry=REGISTRY
)
REQUEST = Histogram("aside_request_seconds", "REST calls.", ["method", "status"], buckets=FAST, registry=REGISTRY)
RUNS = Counter("aside_runs", "Decisions of agents.", ["act", "branch", "trigger"], registry=REGISTRY)
FAILED = Counter("aside_runs_failed", "Runs that ended in silence because something broke.", registry=REGISTRY)
TOKENS = Counter(
    "aside_tokens",
    "Tokens of the model, of runs and of keeping: read, found read already, written.",
    ["kind"],
    registry=REGISTRY,
)
STAGE = Histogram("aside_stage_seconds", "Stages of a run.", ["stage"], buckets=SLOW, registry=REGISTRY)
OUTCOMES = Counter("aside_outcomes", "What became of decisions to act.", ["outcome"], registry=REGISTRY)
LOST_LEASES = Counter("aside_lost_leases", "Rooms that another process took over.", registry=REGISTRY)
BURIED = Counter("aside_processes_buried", "Processes that were taken for dead here.", registry=REGISTRY)
STALE = Counter("aside_stale_triggers", "Messages too old to be thought about when their turn came.", registry=REGISTRY)
MODEL = Gauge("aside_model_ready", "Whether the model answers.", registry=REGISTRY)


def call(made: Call) -> None:
    """The model was asked."""
    if made.begun is not None:
        WAITED.labels(made.method).observe(made.begun - made.asked)
        WORKED.labels(made.method).observe(made.over - made.begun)


def watch_calls() -> None:
    """From here on, as long as the process lives."""
    if call not in WATCHERS:
        WATCHERS.append(call)


def run(view: RunView) -> None:
    """A decision was stored."""
    RUNS.labels(view.decision.act, view.decision.branch, view.trigger.kind).inc()
    if view.error is not None:
        FAILED.inc()
    tokens(view.tokens)
    for stage, milliseconds in view.stages.items():
        STAGE.labels(stage).observe(milliseconds / 1000)


def tokens(spent: TokensView | Usage) -> None:
    for kind, count in (("prompt", spent.prompt), ("cached", spent.cached), ("generated", spent.generated)):
        TOKENS.labels(kind).inc(count)


def page(gauges: Mapping[Gauge, float], queues: Mapping[str, float], asked: Mapping[str, int]) -> bytes:
    """The text of `/metrics`; `gauges`, `queues` and `asked`, the model's open requests by kind, are as they stand now."""
    for gauge, value in gauges.items():
        gauge.set(value)
    for what, length in queues.items():
        QUEUE.labels(what).set(length)
    for kind, count in asked.items():
        ASKED.labels(kind).set(count)
    return generate_latest(REGISTRY)
