"""A server in a process of its own: answers, refusals, limits, shutdown."""

from __future__ import annotations

import concurrent.futures
import csv
import io
import signal
import time

import httpx
import numpy as np
import pytest

import tensorlet as tf
from tensorlet.tabular import load_model

ROW = {"size (m)": 11.5, "city": "Busan", "new": True}


def rows_of(count):
    random = np.random.default_rng(1)
    return [
        {
            "size (m)": float(random.normal(10, 3)),
            "city": str(random.choice(["Seoul", "Busan", "Daegu"])),
            "new": bool(random.random() < 0.5),
        }
        for _ in range(count)
    ]


def test_answers_are_bitwise_those_of_predict(table_server, table_file):
    local = load_model(table_file)
    rows = rows_of(300)
    expected = local.predict_rows(rows)
    with httpx.Client(base_url=table_server.address) as client:
        assert client.post("/predict", json=ROW).json() == local.predict_rows([ROW])[0]
        for count in (1, 2, 33, 300):
            for body in (rows[:count], {"rows": rows[:count]}):
                answer = client.post("/predict", json=body)
                assert answer.json() == {"predictions": expected[:count]}


def test_concurrent_requests_are_predicted_together_with_the_same_bits(table_server, table_file):
    rows = rows_of(200)
    expected = load_model(table_file).predict_rows(rows)
    with (
        httpx.Client(base_url=table_server.address) as client,
        concurrent.futures.ThreadPoolExecutor(16) as threads,
    ):
        answers = list(threads.map(lambda row: client.post("/predict", json=row).json(), rows))
        metrics = client.get("/metrics").text
    assert answers == expected
    counted = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if not line.startswith("#"))
    assert float(counted["tensorlet_batch_rows_sum"]) >= 200
    assert int(counted["tensorlet_batch_rows_count"]) < int(counted["tensorlet_request_seconds_count"])
    assert int(counted['tensorlet_requests_total{path="/predict",status="200"}']) >= 200
    assert counted["tensorlet_waiting_rows"] == "0"


def test_csv(table_server, table_file):
    rows = rows_of(5)
    text = "new,city,size (m)\n" + "".join(
        f"{row['new']},{row['city']},{row['size (m)']!r}\n" for row in rows
    )
    answer = httpx.post(f"{table_server.address}/predict", content=text, headers={"content-type": "text/csv"})
    found = list(csv.DictReader(io.StringIO(answer.text)))
    expected = load_model(table_file).predict_rows(rows)
    assert [one["prediction"] for one in found] == [one["prediction"] for one in expected]
    assert [float(one["probability of high"]) for one in found] == [
        one["probabilities"]["high"] for one in expected
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("charset", ["", "; charset=CP949", '; header=present; charset="utf-16"'])
def test_csv_of_other_forms(table_server, delimiter, charset):
    lines = [["new", "size (m)", "city"], ["true", "9.5", "서울"], ["false", "14.25", "Busan"]]
    text = "".join(delimiter.join(line) + "\r\n" for line in lines)
    encoding = "utf-16" if "utf-16" in charset else "cp949" if charset else "utf-8"
    headers = {"content-type": "text/csv" + charset, "accept": "application/json"}
    answer = httpx.post(
        f"{table_server.address}/predict", content=text.encode(encoding), headers=headers
    ).json()
    rows = [dict(zip(("new", "size (m)", "city"), values, strict=True)) for values in lines[1:]]
    assert answer == httpx.post(f"{table_server.address}/predict", json=rows).json()
    assert "'서울' is not a category of 'city'" in answer["notes"][0]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({**ROW, "size (m)": "tall"}, "size (m)", "'tall'. Expected a number"),
        ({**ROW, "new": "perhaps"}, "new", "Expected true or false"),
        ({**ROW, "size (m)": [1]}, "size (m)", "Expected a number"),
        ({"city": "Seoul", "new": True}, "size (m)", "is missing"),
        ({**ROW, "citty": "Seoul"}, "citty", "Did you mean 'city'"),
        ([ROW, {**ROW, "new": 7}], "new", "'7'"),
        ([], None, "no rows"),
        (7, None, "list of rows"),
    ],
)
def test_wrong_fields_are_named(table_server, body, field, message):
    answer = httpx.post(f"{table_server.address}/predict", json=body)
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert error.get("field") == field
    assert message in error["message"]
    assert error.get("row") == (None if field is None else 2 if isinstance(body, list) else 1)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("{", "application/json", 422),
        ("[" * 100_000, "application/json", 422),
        ("a", "text/plain", 415),
        (b"\xff", "text/csv", 422),
        ("a,b\n1\n", "text/csv", 422),
        ("a,b\n1,2\n", "text/csv; charset=punycode", 415),
        (b"a;b\n\xff;2\n", "text/csv; charset=cp949", 422),
    ],
)
def test_bodies_that_cannot_be_read(table_server, content, kind, status):
    answer = httpx.post(f"{table_server.address}/predict", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_other_refusals(table_server):
    with httpx.Client(base_url=table_server.address) as client:
        assert client.get("/predict").status_code == 405
        assert "openapi" in client.get("/nothing").json()["error"]["message"]
        assert client.get("/health", headers={"host": "evil.example"}).status_code == 400


def test_unknown_categories_are_noted(table_server):
    answer = httpx.post(f"{table_server.address}/predict", json={**ROW, "city": "Paris"}).json()
    assert answer["notes"] == [
        "'Paris' is not a category of 'city' in the training data; it counts as unknown."
    ]


def test_the_document_is_made_from_the_columns(table_server):
    with httpx.Client(base_url=table_server.address) as client:
        document = client.get("/openapi.json").json()
        row = document["components"]["schemas"]["Row"]
        assert list(row["properties"]) == row["required"] == ["size (m)", "city", "new"]
        assert sorted(row["properties"]["city"]["examples"]) == ["Busan", "Daegu", "Seoul"]
        body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
        assert client.post("/predict", json=body["example"]).status_code == 200
        assert client.get("/model").json()["classes"] == ["high", "low"]
        page = client.get("/")
        assert "http" not in page.text.replace("location.origin", "")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert client.get("/ready").json() == {"status": "ready"}


def test_limits(start, table_file):
    with start(str(table_file), "--most-bytes", "2000", "--most-rows", "3") as server:
        large = httpx.post(f"{server.address}/predict", json=[ROW] * 100)
        assert (large.status_code, "limit of 2000" in large.text) == (413, True)
        many = httpx.post(f"{server.address}/predict", json=[ROW] * 4)
        assert (many.status_code, "more than 3 rows" in many.text) == (413, True)
        chunks = (b"x" * 500 for _ in range(10))
        streamed = httpx.post(
            f"{server.address}/predict", content=chunks, headers={"content-type": "application/json"}
        )
        assert streamed.status_code == 413


def test_time_is_limited(start, table_file):
    with start(str(table_file), "--timeout", "0.000001") as server:
        answer = httpx.post(f"{server.address}/predict", json=ROW)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"


def test_overload_is_refused_over_http_and_passes(start, table_file):
    rows = rows_of(2000)
    expected = load_model(table_file).predict_rows(rows)
    with start(str(table_file), "--waiting-rows", "2000") as server:

        def ask(_number):
            return httpx.post(f"{server.address}/predict", json=rows, timeout=60)

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask, range(48)))
        kinds = {answer.status_code for answer in answers}
        assert kinds == {200, 503}
        for answer in answers:
            if answer.status_code == 503:
                assert answer.headers["retry-after"] == "1"
                assert "Too many requests are waiting" in answer.text
            else:
                assert answer.json()["predictions"] == expected
        assert httpx.post(f"{server.address}/predict", json=ROW).status_code == 200
        assert httpx.get(f"{server.address}/ready").status_code == 200


def test_tokens(start, table_file):
    with (
        start(str(table_file), "--token", "secret") as server,
        httpx.Client(base_url=server.address) as client,
    ):
        assert server.token == "secret"
        assert client.post("/predict", json=ROW).status_code == 401
        assert client.get("/openapi.json", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/health").status_code == client.get("/").status_code == 200
        right = {"authorization": "Bearer secret"}
        assert client.post("/predict", json=ROW, headers=right).status_code == 200


def test_other_machines_need_a_token(start, table_file):
    with start(str(table_file), "--host", "0.0.0.0") as server:
        assert len(server.token) >= 24
        port = server.address.rpartition(":")[2]
        assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 401


def test_arrays_by_the_names_of_inputs(start, array_file):
    random = np.random.default_rng(0)
    left, right = random.normal(size=(40, 2)), random.normal(size=(40, 3, 2))
    expected = tf.keras.models.load_model(array_file).predict([left, right], verbose=0)
    with start(str(array_file)) as server, httpx.Client(base_url=server.address) as client:
        for rows in (slice(0, 1), slice(0, 40), slice(7, 10)):
            body = {"inputs": {"left": left[rows].tolist(), "right": right[rows].tolist()}}
            found = client.post("/predict", json=body).json()["outputs"]["classes"]
            assert np.array_equal(np.array(found, "float32"), expected[rows])
        wrong = client.post("/predict", json={"inputs": {"left": [[1, 2]], "right": [[1, 2]]}})
        assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "right")
        absent = client.post("/predict", json={"inputs": {"left": [[1, 2]]}})
        assert (absent.status_code, absent.json()["error"]["field"]) == (422, "right")
        uneven = client.post("/predict", json={"inputs": {"left": [[1, 2]] * 2, "right": right[:1].tolist()}})
        assert uneven.status_code == 422
        example = client.get("/openapi.json").json()["paths"]["/predict"]["post"]["requestBody"]
        body = example["content"]["application/json"]["example"]
        assert client.post("/predict", json=body).status_code == 200


def test_sigterm_answers_what_runs_and_ends(start, array_file):
    with start(str(array_file)) as server:
        body = {"inputs": {"left": [[0, 0]] * 9000, "right": [[[0, 0]] * 3] * 9000}}
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(httpx.post, f"{server.address}/predict", json=body, timeout=30)
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            assert waiting.result().status_code == 200
        assert server.process.wait(timeout=15) == 0


def test_wrong_models_and_ports_are_explained(tmp_path, capsys):
    from tensorlet.cli import main

    assert main(["serve", str(tmp_path / "nothing.keras")]) == 1
    assert "There is no file" in capsys.readouterr().err
    (tmp_path / "text.keras").write_text("text")
    assert main(["serve", str(tmp_path / "text.keras")]) == 1
    with pytest.raises(SystemExit):
        main(["serve", "model.keras", "--port", "70000"])
    assert "0 to 65535" in capsys.readouterr().err
