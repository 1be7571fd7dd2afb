"""Selling seats beside Django's own database: Django keeps the people, seatcore the seats.

    python django_site.py migrate
    python django_site.py seed              # a hall, a film, a show, and ada, who may sign in
    python django_site.py runserver

The two files have nothing to do with each other, so no transaction spans both, and none needs to:
the order's key makes the booking repeatable, whatever happens between the two.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import seatcore
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, JsonResponse
from django.urls import path

FOLDER = Path(os.environ.get("SITE_FOLDER", "."))

settings.configure(
    SECRET_KEY=os.environ.get("SITE_SECRET", "only for this example"),
    ALLOWED_HOSTS=["localhost", "127.0.0.1", "testserver"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "site.sqlite3"}
    },
    USE_TZ=True,
)
django.setup()

# These need the settings.
from django.contrib.auth import authenticate, login  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.views.decorators.csrf import ensure_csrf_cookie  # noqa: E402

STATUS = {
    seatcore.NotFound: 404,
    seatcore.NotHolder: 404,
    seatcore.InvalidInput: 422,
    seatcore.UnknownSeat: 422,
    seatcore.IdempotencyMismatch: 422,
    seatcore.HoldExpired: 410,
    seatcore.Rejected: 409,
    seatcore.Busy: 503,
    # Ask again with the same key: the answer says whether it happened.
    seatcore.OutcomeUnknown: 503,
    seatcore.StorageError: 503,
}
"""The first that fits, as in docs/errors.md; what is none of them is a 500."""


@functools.cache
def engine() -> seatcore.Engine:
    """One engine a process, opened when first needed: after a server has forked its workers."""
    return seatcore.open(FOLDER / "box-office.db")


def told(call: Callable[[], Any], status: int = 200) -> JsonResponse:
    """What the engine says as a response: a yes, or a no in its own words."""
    try:
        return JsonResponse(call().to_dict(), status=status)
    except seatcore.SeatcoreError as error:
        kinds = (status for kind, status in STATUS.items() if isinstance(error, kind))
        return JsonResponse(error.to_dict(), status=next(kinds, 500))


def sale(request: HttpRequest, call: Callable[[str, str | None], Any]) -> JsonResponse:
    """A sale to whoever is signed in, under the key that the browser sent."""
    if not request.user.is_authenticated:
        return JsonResponse({"code": "not_signed_in"}, status=401)
    # A number, and not a name: what stands in the log cannot be erased. Not `user:`, which is what
    # seatcore's own users are called.
    holder, key = f"django:{request.user.pk}", request.headers.get("Idempotency-Key")
    return told(lambda: call(holder, key), status=201)


def body(request: HttpRequest) -> dict[str, Any] | None:
    """The JSON object that was sent; none, if it was none."""
    try:
        sent = json.loads(request.body)
    except ValueError:
        return None
    return sent if isinstance(sent, dict) else None


def unreadable() -> JsonResponse:
    return JsonResponse({"code": "invalid"}, status=400)


def sign_in(request: HttpRequest) -> JsonResponse:
    sent = body(request)
    if sent is None:
        return unreadable()
    user = authenticate(request, username=sent.get("name"), password=sent.get("password"))
    if user is None:
        return JsonResponse({"code": "not_signed_in"}, status=401)
    login(request, user)
    return JsonResponse({"name": user.get_username()})


def hold(request: HttpRequest, show: int) -> JsonResponse:
    sent = body(request)
    if sent is None or "seats" not in sent:
        return unreadable()
    return sale(
        request,
        lambda holder, key: seatcore.retry(
            engine().hold, show, sent["seats"], holder=holder, idempotency_key=key
        ),
    )


def book(request: HttpRequest, hold: str) -> JsonResponse:
    return sale(
        request,
        lambda holder, key: seatcore.retry(engine().book, hold, holder=holder, idempotency_key=key),
    )


@ensure_csrf_cookie
def seats(_: HttpRequest, show: int) -> JsonResponse:
    return told(lambda: engine().seat_map(show))


def seed() -> None:
    """Something to sell, and somebody to sell it to. Under their keys things are made once."""
    box_office = engine()
    hall = box_office.screens.create("Main Hall", layout="A-E:10", idempotency_key="main hall")
    film = box_office.movies.create("Arrival", minutes=116, idempotency_key="arrival")
    starts = datetime(2099, 1, 9, 20, tzinfo=UTC)
    show = box_office.shows.create(
        film, hall, starts=starts, price="12.50 EUR", idempotency_key="arrival, 9 January"
    )
    if not User.objects.filter(username="ada").exists():
        User.objects.create_user("ada", password="only for trying")
    print(f"on sale: /shows/{show.id}/seats; ada signs in with the password: only for trying")


urlpatterns = [
    path("sign-in", sign_in),
    path("shows/<int:show>/seats", seats),
    path("shows/<int:show>/holds", hold),
    path("holds/<str:hold>/book", book),
]

if __name__ == "__main__":
    if sys.argv[1:] == ["seed"]:
        seed()
    else:
        execute_from_command_line(sys.argv)
