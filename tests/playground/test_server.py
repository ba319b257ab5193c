"""The server: who may use it, what it answers, and its bounds."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.request

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tensorlet.playground import listen, main
from tensorlet.playground.frames import decode
from tensorlet.playground.server import MOST_MESSAGE, MOST_SESSIONS
from tensorlet.playground.tables import MOST_BYTES

TOKEN = "secret-token"  # as in conftest.py

TOKEN = "secret-token"


@pytest.fixture(scope="module")
def served(serve):
    made = serve()
    yield made
    made.stop()


def ask(socket, command, given=None, number=1):
    socket.send(json.dumps({"id": number, "do": command, "with": given or {}}))
    return json.loads(socket.recv(20))


def opened(socket):
    return json.loads(socket.recv(20))["session"]


def test_the_page_and_its_headers(served):
    answer = served.get("/")
    assert answer.status == 200 and b'data-language="ko"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["set-cookie"] is None
    script = served.get("/static/app.js")
    assert script.status == 200 and "javascript" in script.headers["content-type"]
    assert script.headers["content-security-policy"] == policy


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd", "/missing"]
)
def test_nothing_else_is_served(served, path):
    assert served.get(path, served.own).status == 404


def test_a_token_becomes_a_cookie(served):
    answer = served.get(f"/?token={TOKEN}")
    assert answer.status == 303 and answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert TOKEN in cookie and "httponly" in cookie and "samesite=strict" in cookie
    assert served.get("/?token=wrong").status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", "evil.example:{port}"]
)
def test_other_hosts_are_refused(served, host):
    headers = {"Host": host.format(port=served.port), "Cookie": served.cookie}
    assert served.get("/", headers).status == 421
    assert served.get("/static/app.js", headers).status == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
)
def test_other_origins_are_refused(served, origin):
    origin = origin.format(port=served.port)
    assert served.get("/", {"Origin": origin}).status == 403
    assert served.request("POST", "/table", {"Origin": origin, "Cookie": served.cookie}, b"a").status == 403
    with pytest.raises(InvalidStatus), served.socket(origin=origin):
        pass


@pytest.mark.parametrize(
    "cookie", ["", "tensorlet_playground_{port}=wrong", "tensorlet_playground_1=secret-token", "=;;,"]
)
def test_the_socket_needs_the_token(served, cookie):
    with pytest.raises(InvalidStatus), served.socket(cookie.format(port=served.port)):
        pass


def test_the_socket_needs_an_origin(served):
    with pytest.raises(InvalidStatus), served.socket(origin=None):
        pass


@pytest.mark.parametrize("path", ["/download?session=x&kind=keras", "/table"])
def test_other_paths_need_the_token(served, path):
    assert served.get(path).status == 403
    assert served.request("POST", path, {}, b"a").status == 403


def test_commands_frames_and_errors(served):
    with served.socket() as socket:
        assert opened(socket) in served.playground.sessions
        reply = ask(socket, "configure", {"settings": {"data": {"kind": "xor", "rows": 20}}}, 7)
        assert reply["id"] == 7 and reply["reply"]["rows"] == [14, 6]
        socket.send(json.dumps({"do": "frame", "with": {"now": True, "view": {"size": 20}}}))
        header, arrays = decode(socket.recv(20))
        assert header["runs"][0]["epoch"] == 0 and arrays["0.classes"].shape == (20, 20)
        reply = ask(socket, "configure", {"settings": {"data": {"rows": -3}}})
        assert reply["error"]["code"] == "setting" and reply["error"]["values"]["name"] == "rows"
        assert ask(socket, "perceptron", {"points": [[0, 0, 0], [1, 1, 1]]})["reply"]["separated"] is True


def test_only_one_frame_is_on_its_way(served):
    with served.socket() as socket:
        opened(socket)
        ask(socket, "epoch")
        for _ in range(6):
            socket.send(json.dumps({"do": "frame", "with": {"now": True}}))
        socket.send(json.dumps({"id": 3, "do": "pause"}))
        frames = 0
        with contextlib.suppress(TimeoutError):
            while True:
                frames += isinstance(socket.recv(0.7), bytes)
        # Six requests at once are one or two frames, not six: the later ones replace those that wait.
        assert 1 <= frames <= 2


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "{}",
        '{"do": 3}',
        '{"id": 1, "do": "configure", "with": 3}',
        '{"id": 1, "do": "guess", "with": {"pixels": ["x"]}}',
        '{"id": 1, "do": "frame", "with": {"view": {"size": "x", "axes": 7}, "seen": {}, "now": 1}}',
    ],
)
def test_nonsense_closes_or_answers_and_harms_nothing(served, text):
    with served.socket() as socket:
        opened(socket)
        socket.send(text)
        try:
            answer = socket.recv(20)
            assert isinstance(answer, bytes) or "error" in json.loads(answer)
        except ConnectionClosed as closed:
            assert closed.rcvd.code == 1003
    with served.socket() as socket:
        opened(socket)
        assert ask(socket, "epoch")["reply"]["epoch"] == 1


def test_long_messages_close_the_page(served):
    with served.socket() as socket:
        opened(socket)
        socket.send("x" * (MOST_MESSAGE + 1))
        with pytest.raises(ConnectionClosed):
            socket.recv(20)


def test_uploads_are_bounded_and_belong_to_a_page(served):
    with served.socket() as socket:
        name = opened(socket)
        headers = {"X-Session": name, **served.own}
        good = served.request("POST", "/table", headers, b"a,b,c\n" + b"1,2,x\n3,4,y\n" * 4)
        assert json.loads(good.text) == {"names": ["a", "b", "c"], "numeric": [True, True, False], "rows": 8}
        large = served.request("POST", "/table", headers, b"1" * (MOST_BYTES + 1))
        assert large.status == 400 and json.loads(large.text)["error"]["code"] == "file_large"
        assert served.request("POST", "/table", {**headers, "X-Session": "other"}, b"a").status == 404
        assert ask(socket, "configure", {"settings": {"data": {"kind": "table"}}})["reply"]["classes"] == [
            "x",
            "y",
        ]
        answer = served.get(f"/download?session={name}&kind=keras", served.own)
        assert answer.headers["content-disposition"] == 'attachment; filename="model.keras"'
        assert answer.text[:2] == b"PK"
        for wrong in (
            f"session={name}&kind=../x",
            f"session={name}&kind=keras&network=9",
            "session=x&kind=keras",
        ):
            assert served.get(f"/download?{wrong}", served.own).status == 404


def test_the_number_of_pages_is_bounded(served):
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_SESSIONS):
            opened(stack.enter_context(served.socket()))
        with served.socket() as refused, pytest.raises(ConnectionClosed) as closed:
            refused.recv(20)
        assert closed.value.rcvd.code == 1013


def test_digits_answer_while_nothing_is_trained(served):
    with served.socket() as socket:
        opened(socket)
        reply = ask(socket, "guess", {"pixels": [0] * 784})
        assert reply["error"]["code"] == "digits_first"
        ask(socket, "digits_configure", {"kind": "regression", "rows": 1000})
        socket.send(json.dumps({"id": 2, "do": "guess", "with": {"pixels": [9] * 784}}))
        header, arrays = decode(socket.recv(20))
        assert len(header["guess"]["labels"]) == 12 and abs(arrays["probabilities"].sum() - 1) < 1e-5


def test_listening_is_local_and_taken_ports_are_said(capsys):
    with listen(0) as taken:
        address, port = taken.getsockname()
        assert address == "127.0.0.1"
        assert main(["--port", str(port), "--no-browser"]) == 1
    assert f"port {port} cannot be used" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--port", "99999"])


def test_the_command_serves_until_ctrl_c():
    command = [sys.executable, "-m", "tensorlet", "playground", "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline() for _ in range(3)]
        address = lines[2].strip()
        assert address.startswith("http://127.0.0.1:") and "?token=" in address
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor()
        )
        with opener.open(address, timeout=20) as answer:
            assert answer.url.endswith("/") and b"Tensorlet" in answer.read()
    finally:
        process.send_signal(2)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and "has stopped" in out and err == ""


def test_a_missing_extra_is_explained(monkeypatch, capsys):
    monkeypatch.setattr("tensorlet.playground.NEEDED", ("starlette", "no_such_package"))
    assert main(["--no-browser"]) == 1
    error = capsys.readouterr().err
    assert "not installed: no_such_package" in error and "pip install 'tensorlet[playground]'" in error
