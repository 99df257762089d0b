"""What can go wrong on the wire.

WireError
├── BadInput        422  bad_input        a field is unknown, missing, of the wrong type or out of bounds
├── Unauthorized    401  unauthorized     no token, or one that is not valid
├── Forbidden       403  forbidden        the caller's role does not allow it
├── NotFound        404  not_found        no such thing, or none that the caller may know of
├── Conflict        409  conflict         the same client_id with another text, and the like
├── TooMany         429  too_many         a limit of this connection or person
└── Unavailable     503  unavailable      a part that is needed is not ready
"""


class WireError(Exception):
    """Base. `field` and `value` name what was wrong, where it was one field."""

    status = 500
    code = "error"

    def __init__(self, detail: str, field: str | None = None, value: object = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.value = None if value is None else shown(value)


class BadInput(WireError):
    status = 422
    code = "bad_input"


class Unauthorized(WireError):
    status = 401
    code = "unauthorized"


class Forbidden(WireError):
    status = 403
    code = "forbidden"


class NotFound(WireError):
    status = 404
    code = "not_found"


class Conflict(WireError):
    status = 409
    code = "conflict"


class TooMany(WireError):
    status = 429
    code = "too_many"


class Unavailable(WireError):
    status = 503
    code = "unavailable"


def shown(value: object) -> str:
    """`value` as an error shows it: its repr, at most 100 characters."""
    text = repr(value)
    return text if len(text) <= 100 else text[:99] + "…"
