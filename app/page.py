"""The page: files of `web/`, which may load nothing but themselves."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB = Path(__file__).resolve().parent.parent / "web"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-cache",
}


class Page(StaticFiles):
    """`/r/…` is the page too: it reads the room out of its own address."""

    def __init__(self) -> None:
        super().__init__(directory=WEB, html=True, check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == "r" or path.startswith("r/"):
            path = "index.html"
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405)
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        return response
