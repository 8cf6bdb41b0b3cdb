"""`wengert play` answers on loopback, to its own page alone, and to several requests at a time."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic
from typing import Any

import pytest

import wengert as wg
from wengert.api.showing.playing import KEPT, MOST, PlayServer


@contextmanager
def served(text: str = "", limits: wg.Limits | None = None) -> Iterator[PlayServer]:
    server = wg.play(text, limits=limits or wg.Limits(seconds=5))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[PlayServer]:
    with served("x = 1 # </textarea><script>") as made:
        yield made


def ask(server: PlayServer, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=90)
    try:
        connection.putrequest(method, path, skip_host=True)
        sent = {"Host": f"127.0.0.1:{server.server_port}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        for name, value in {"Content-Length": str(len(raw)), **sent}.items():
            connection.putheader(name, value)
        connection.endheaders(raw)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def page_of(server: PlayServer, text: str, **more: Any) -> Any:
    origin = f"http://127.0.0.1:{server.server_port}"
    body = {"text": text, "exercise": False, **more}
    code, answer, _ = ask(server, "POST", f"/{server.token}/page", body, Origin=origin)
    assert code == 200
    return json.loads(answer)


def test_the_editor_and_the_pages_of_its_programs(server: PlayServer) -> None:
    code, text, headers = ask(server, "GET", f"/{server.token}/")
    assert code == 200
    assert "x = 1 # &lt;/textarea&gt;&lt;script&gt;" in text
    assert text.count("<script") == 1
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    made = page_of(server, "input x = 3\nx^2")
    code, text, headers = ask(server, "GET", made["page"])
    assert code == 200
    assert text == wg.compile("input x = 3\nx^2").page()
    assert "sandbox allow-scripts" in headers["Content-Security-Policy"]
    assert page_of(server, "input x = 3\nx^2", exercise=True)["page"] != made["page"]
    for _ in range(KEPT):
        page_of(server, "1 + 1")
    assert ask(server, "GET", made["page"])[0] == 404


def test_a_mistake_is_told_as_on_the_command_line(server: PlayServer) -> None:
    assert "W006" in page_of(server, "2x")["error"]
    assert "W606" in page_of(server, "x^2")["error"]
    assert "the limit `steps`" in page_of(server, "x = 1\nfor k in 0:2000000 { x = x + 1 }\nx")["error"]


def test_it_answers_to_its_own_page_alone(server: PlayServer) -> None:
    port = server.server_port
    assert server.server_address[0] == "127.0.0.1"
    home, ours = f"/{server.token}/", f"http://127.0.0.1:{port}"
    for path in ("/", "/page", "/wrong/", f"/{server.token[:-1]}/", f"/{server.token}/../x"):
        assert ask(server, "GET", path)[0] == 404
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", "", f"127.0.0.1:{port + 1}"):
        assert ask(server, "GET", home, Host=host)[0] == 403
    assert ask(server, "GET", home, Host=f"localhost:{port}")[0] == 200
    body = {"text": "1 + 1", "exercise": False}
    for origin in (
        "http://evil.example",
        "null",
        "",
        f"https://127.0.0.1:{port}",
        f"{ours}.evil.example",
        f"127.0.0.1:{port}",
    ):
        assert ask(server, "POST", f"{home}page", body, Origin=origin)[0] == 403
    assert ask(server, "POST", f"{home}page", body)[0] == 403
    assert ask(server, "PUT", home)[0] == 501
    for raw in (b"", b"{", b"[]", b'{"text": 3, "exercise": false}', b"[" * 100_000, b"\xff"):
        code, answer, _ = ask(server, "POST", f"{home}page", raw, Origin=ours)
        assert code == 200
        assert "error" in json.loads(answer)
    assert ask(server, "POST", f"{home}page", Origin=ours, Content_Length=str(MOST + 1))[0] == 413
    assert ask(server, "POST", f"{home}page", Origin=ours, Content_Length="-1")[0] == 413


def test_a_second_request_is_answered_while_a_first_is_at_work() -> None:
    slow = "x = 0.5\nfor k in 0:300000 { x = sin(x) + 0.1 }\nx"
    with served(limits=wg.Limits(seconds=0.7)) as server:
        answers: list[Any] = []
        first = Thread(target=lambda: answers.append(page_of(server, slow)))
        first.start()
        assert ask(server, "GET", f"/{server.token}/")[0] == 200
        assert "page" in page_of(server, "1 + 1")
        assert not answers
        first.join()
        assert "error" in answers[0]


def test_a_port_in_use_is_one_clear_error() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(wg.UsageError, match=r"cannot serve at port \d+") as caught:
            wg.play(port=other.getsockname()[1])
        assert caught.value.code == "W687"
    for port in (-1, 65_536, "80", True, None):
        with pytest.raises(wg.UsageError, match="a port is a whole number"):
            wg.play(port=port)  # type: ignore[arg-type]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupt_ends_it_in_a_line() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "wengert", "play", "--port", str(port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"open http://127.0.0.1:{port}/")
        process.send_signal(signal.SIGINT)
        begun = monotonic()
        _, said = process.communicate(timeout=20)
        assert said == "interrupted\n"
        assert process.returncode == 130
        assert monotonic() - begun < 20
