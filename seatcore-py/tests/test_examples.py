"""The examples, as somebody would start them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import seatcore

from conftest import PATIENCE_S, Run, open_show

EXAMPLES = Path(__file__).resolve().parents[2] / "examples/python"


def ask(url: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture
def server(path: Path) -> Iterator[tuple[str, int]]:
    """Two workers on one file; answers with the address and the show."""
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    with seatcore.open(path) as engine:
        show = open_show(engine).id
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environment = {**os.environ, "SEATCORE_DB": str(path), "PYTHONPATH": str(EXAMPLES)}
        arguments = ["--fd", str(listener.fileno()), "--workers", "2", "--log-level", "warning"]
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "fastapi_app:app", *arguments],
            env=environment,
            pass_fds=[listener.fileno()],
        )
        # The socket listens already: the first question waits until a worker takes it.
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", show
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def test_fastapi_with_two_workers_on_one_file(server: tuple[str, int], path: Path) -> None:
    url, show = server

    def hold(buyer: int) -> tuple[int, Any]:
        return ask(f"{url}/shows/{show}/holds", {"seats": ["C5", "C6"]}, **{"X-Buyer": f"b{buyer}"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(hold, range(20)))
    won = [body for status, body in answers if status == 201]
    lost = [body["code"] for status, body in answers if status == 409]
    assert (len(won), lost) == (1, ["seat_held"] * 19)
    winner = {"X-Buyer": won[0]["holder"], "Idempotency-Key": "order-17"}
    first = ask(f"{url}/holds/{won[0]['id']}/book", {}, **winner)
    assert first == ask(f"{url}/holds/{won[0]['id']}/book", {}, **winner)
    assert first[0] == 201
    assert ask(f"{url}/shows/{show}")[1]["n"]["booked"] == 2
    assert ask(f"{url}/shows/99")[0] == 404
    assert ask(f"{url}/shows/{show}/holds", {"seats": ["A1"]}, **{"X-Buyer": ""})[0] == 422
    request = urllib.request.Request(f"{url}/shows/{show}/events")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as stream:
        hold_another = ask(f"{url}/shows/{show}/holds", {"seats": ["A1"]}, **{"X-Buyer": "eve"})
        lines = [stream.readline().decode() for _ in range(2)]
    assert hold_another[0] == 201
    assert json.loads(lines[1].removeprefix("data: ")) == {"kind": "held", "seats": ["A1"]}
    with seatcore.open(path) as engine:
        assert engine.verify().clean


def test_a_django_view_beside_django_s_own_database(tmp_path: Path, run: Run) -> None:
    pytest.importorskip("django")
    script = """
        import os, sys
        os.environ["SITE_FOLDER"], folder = sys.argv[1], sys.argv[2]
        sys.path[:0] = [folder, sys.argv[3]]
        import django_site as site
        from conftest import open_show
        from django.contrib.auth.models import User
        from django.core.management import call_command
        from django.test import Client

        call_command("migrate", verbosity=0)
        ada, bob = (User.objects.create_user(name, password="x") for name in ("ada", "bob"))
        show = open_show(site.engine()).id
        one, other = Client(), Client()
        one.force_login(ada)
        other.force_login(bob)

        def hold(client, seats, **headers):
            asked = {"seats": seats}
            return client.post(f"/shows/{show}/holds", asked, "application/json", **headers)

        held = hold(one, ["C5", "C6"])
        assert (held.status_code, held.json()["holder"]) == (201, f"django:{ada.pk}")
        refused = hold(other, ["C6"])
        assert (refused.status_code, refused.json()["code"]) == (409, "seat_held")
        address = f"/holds/{held.json()['id']}/book"
        key = {"HTTP_IDEMPOTENCY_KEY": "order-17"}
        assert other.post(address).json()["code"] == "not_holder"
        booked = one.post(address, **key)
        assert booked.status_code == 201
        assert one.post(address, **key).json() == booked.json()
        assert Client().get(f"/shows/{show}/seats").json()["n"]["booked"] == 2
        assert Client().get("/shows/99/seats").status_code == 404
        again = {"HTTP_IDEMPOTENCY_KEY": "wish-18"}
        assert hold(one, ["A1"], **again).json() == hold(one, ["A1"], **again).json()
        asked = one.post(f"/shows/{show}/holds", "no json", "application/json")
        assert (asked.status_code, asked.json()["code"]) == (400, "invalid")
        assert Client().post(address).status_code == 401
        site.engine().close()
        print("sold")
    """
    done = run(script, tmp_path, EXAMPLES, Path(__file__).parent)
    assert done.stdout == "sold\n"


def test_faults_have_the_status_of_the_registry(run: Run) -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("django")
    script = """
        import sys
        sys.path[:0] = [sys.argv[1]]
        import django_site, fastapi_app, seatcore

        def status(error):
            def fail():
                raise error
            django = django_site.told(fail).status_code
            assert django == fastapi_app.status_of(error), error
            return django

        print(*map(status, (
            seatcore.NotFound("x"), seatcore.NotHolder("x"), seatcore.InvalidInput("x"),
            seatcore.UnknownSeat("x"), seatcore.IdempotencyMismatch("x"), seatcore.HoldExpired("x"),
            seatcore.SeatUnavailable("x"), seatcore.Busy("x"), seatcore.OutcomeUnknown("x"),
            seatcore.StorageError("x"), seatcore.CorruptError("x"),
        )))
    """
    assert run(script, EXAMPLES).stdout == "404 404 422 422 422 410 409 503 503 503 500\n"


def test_a_newcomer_seeds_signs_in_and_buys(tmp_path: Path, run: Run) -> None:
    pytest.importorskip("django")
    script = """
        import os, sys
        os.environ["SITE_FOLDER"] = sys.argv[1]
        sys.path[:0] = [sys.argv[2]]
        import django_site as site
        from django.core.management import call_command
        from django.test import Client

        call_command("migrate", verbosity=0)
        for _ in range(2):
            site.seed()
        browser = Client(enforce_csrf_checks=True)

        def post(address, body):
            token = browser.cookies["csrftoken"].value
            return browser.post(address, body, "application/json", HTTP_X_CSRFTOKEN=token)

        assert browser.get("/shows/1/seats").json()["n"]["available"] == 50
        assert post("/shows/1/holds", {"seats": ["C5"]}).status_code == 401
        wrong = post("/sign-in", {"name": "ada", "password": "wrong"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "not_signed_in")
        assert post("/sign-in", {"name": "ada", "password": "only for trying"}).status_code == 200
        held = post("/shows/1/holds", {"seats": ["C5"]})
        assert post(f"/holds/{held.json()['id']}/book", {}).status_code == 201
        site.engine().close()
        print("sold")
    """
    assert run(script, tmp_path, EXAMPLES).stdout.endswith("sold\n")


def test_the_api_s_own_seed_may_run_twice(path: Path) -> None:
    pytest.importorskip("fastapi")
    environment = {**os.environ, "SEATCORE_DB": str(path)}
    for _ in range(2):
        command = [sys.executable, str(EXAMPLES / "fastapi_app.py")]
        subprocess.run(command, env=environment, check=True, timeout=PATIENCE_S)
    with seatcore.open(path, create=False) as engine:
        assert [show.id for show in engine.shows.list()] == [1]
