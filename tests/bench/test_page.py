"""What is read from Chromium's trace."""

from bench.page import tasks_of


def event(name: str, tid: int, ts: int = 5, **more: object) -> dict[str, object]:
    return {"name": name, "pid": 1, "tid": tid, "ts": ts, "args": {}, **more}


def test_the_tasks_of_the_busiest_main_thread_are_counted_in_milliseconds() -> None:
    trace = {
        "traceEvents": [
            event("thread_name", 1, ts=0, args={"name": "CrRendererMain"}),
            event("RunTask", 1, ts=4, ph="X", dur=800_000, tdur=800_000),
            event("measured", 1),
            event("thread_name", 2, args={"name": "Compositor"}),
            event("thread_name", 3, args={"name": "CrRendererMain"}),
            event("RunTask", 1, ph="X", dur=30_000, tdur=20_000),
            event("ThreadControllerImpl::RunTask", 1, ph="X", dur=60_000, tdur=55_000),
            event("RunTask", 2, ph="X", dur=900_000),
            event("RunTask", 3, ph="X", dur=1_000, tdur=1_000),
            event("Paint", 1, ph="X", dur=500_000),
        ]
    }
    assert tasks_of(trace) == [(30.0, 20.0), (60.0, 55.0)]


def test_a_trace_that_was_never_begun_has_no_tasks() -> None:
    assert tasks_of({"traceEvents": []}) == []
