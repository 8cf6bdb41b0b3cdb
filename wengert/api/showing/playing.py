"""Pages with an editor, served to a browser on this machine alone.

The server listens on the loopback interface. Every address of it begins with a token that only the person who started
it is told; a request for another host, or from a page of another origin, is refused, so that no web site can reach it
through the browser (DNS rebinding, cross-site requests). Programs run under limits for untrusted text, each request in
its own thread. A page is shown in a frame with an origin of its own.
"""

from __future__ import annotations

import hmac
import json
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Lock
from typing import Any

from ...ground.complaints import explained
from ...ground.errors import UsageError, error, shown
from ...ground.limits import Limits, checked
from ...page import FRAMED, editor
from ..texts import as_text
from .played import PLAYED, played

HOST = "127.0.0.1"
# The most bytes of a request, seconds that one may take to arrive, and pages that are kept for their frames.
MOST, PATIENCE, KEPT = 1_000_000, 10, 8
# The last port.
LAST = 65_535


class PlayServer(ThreadingHTTPServer):
    """The server; `address` is the one to open. `serve_forever()` serves until `shutdown()`."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, text: str, port: int, limits: Limits) -> None:
        super().__init__((HOST, port), _Answers)
        self.text, self.limits = text, limits
        self.token = token_urlsafe(24)
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}
        self.pages: OrderedDict[int, str] = OrderedDict()
        self.made = 0
        self.lock = Lock()

    @property
    def address(self) -> str:
        """The address of the editor, with the token."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    def kept(self, page: str) -> str:
        """Keep a page, and forget the oldest; its path."""
        with self.lock:
            self.made += 1
            self.pages[self.made] = page
            while len(self.pages) > KEPT:
                self.pages.popitem(last=False)
            return f"/{self.token}/pages/{self.made}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle is no event."""


class _Answers(BaseHTTPRequestHandler):
    """Answers one request."""

    server: PlayServer
    timeout = PATIENCE
    server_version, sys_version = "wengert", ""

    def do_GET(self) -> None:
        path = self._own_path()
        if path is None:
            return
        if path == "":
            self._send(200, editor(self.server.text), "text/html")
        elif path.startswith("pages/") and path[6:].isdecimal() and len(path) < 20:
            page = self.server.pages.get(int(path[6:]))
            if page is None:
                self._send(404, "this page is no longer kept")
            else:
                self._send(200, page, "text/html", FRAMED)
        else:
            self._send(404, "there is nothing here")

    def do_POST(self) -> None:
        path = self._own_path()
        if path is None:
            return
        origin = self.headers.get("Origin", "")
        if origin.removeprefix("http://") not in self.server.hosts or not origin.startswith("http://"):
            self._send(403, "only the editor's own page may ask")
        elif path != "page":
            self._send(404, "there is nothing here")
        elif not (length := self.headers.get("Content-Length", "")).isdecimal() or int(length) > MOST:
            self._send(413, "the request is too long")
        else:
            self._send(200, json.dumps(self._made(self.rfile.read(int(length)))), "application/json")

    def _made(self, body: bytes) -> dict[str, Any]:
        """The path of the page of a program, or the error in its text."""
        try:
            asked = json.loads(body)
            text, exercise = asked["text"], asked["exercise"]
            if type(text) is not str or type(exercise) is not bool:
                raise TypeError
        except (ValueError, TypeError, KeyError, RecursionError):
            return {"error": "the request is none of the editor's"}
        found = played(text, exercise, self.server.limits)
        return {"page": self.server.kept(found["page"])} if "page" in found else found

    def _own_path(self) -> str | None:
        """The path after the token; None if the request was refused, with an answer."""
        if self.headers.get("Host", "") not in self.server.hosts:
            self._send(403, "this server is for this machine alone")
            return None
        token, _, path = self.path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            self._send(404, "there is nothing here")
            return None
        return path

    def _send(self, code: int, text: str, kind: str = "text/plain", policy: str = "") -> None:
        raw = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Content-Security-Policy", policy or "frame-ancestors 'none'")
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are no news."""


@explained
def play(text: str = "", *, port: int = 0, limits: Limits = PLAYED) -> PlayServer:
    """A server of pages with an editor that begins with this text, on this machine alone.

    port    the port, by default any that is free
    limits  the limits of the programs that are typed in, by default those for untrusted text and 10 seconds

    It does not serve yet: `serve_forever()` does, in this thread or another, until `shutdown()`. Its `address` has the
    token without which it answers nothing. Raises UsageError for a port that is in use, or is none.
    """
    as_text(text, "a program")
    if type(port) is not int or not 0 <= port <= LAST:
        raise error(UsageError, "W687", f"a port is a whole number from 0 to 65535, not {shown(port)}")
    try:
        return PlayServer(text, port, checked(limits))
    except OSError as problem:
        raise error(UsageError, "W687", f"cannot serve at port {port}: {problem.strerror or problem}",
                    help="choose another port, or none: then a free one is found") from None  # fmt: skip
