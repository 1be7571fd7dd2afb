"""Selling seats beside Django's own database: Django keeps the people, seatcore the seats.

    python django_site.py migrate
    python django_site.py runserver

The two files have nothing to do with each other, so no transaction spans both, and none needs to:
the order's key makes the booking repeatable, whatever happens between the two.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path

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


@functools.cache
def engine() -> seatcore.Engine:
    """One engine a process, opened when first needed: after a server has forked its workers."""
    return seatcore.open(FOLDER / "box-office.db")


def answer(request: HttpRequest, call):
    """A sale as a response: 201, or the refusal in the words of the engine."""
    if not request.user.is_authenticated:
        return JsonResponse({"code": "not_signed_in"}, status=401)
    try:
        return JsonResponse(call().to_dict(), status=201)
    except seatcore.NotFound as error:
        return JsonResponse(error.to_dict(), status=404)
    except seatcore.InvalidInput as error:
        return JsonResponse(error.to_dict(), status=422)
    except seatcore.Rejected as error:
        return JsonResponse(error.to_dict(), status=409)
    except seatcore.Busy as error:
        return JsonResponse(error.to_dict(), status=503)


def hold(request: HttpRequest, show: int) -> JsonResponse:
    seats = json.loads(request.body)["seats"]
    return answer(request, lambda: engine().hold(show, seats, holder=f"user:{request.user.pk}"))


def book(request: HttpRequest, hold: str) -> JsonResponse:
    mine, key = f"user:{request.user.pk}", request.headers.get("Idempotency-Key")
    return answer(
        request,
        lambda: seatcore.retry(engine().book, hold, holder=mine, idempotency_key=key),
    )


def seats(_: HttpRequest, show: int) -> JsonResponse:
    return JsonResponse(engine().seat_map(show).to_dict())


urlpatterns = [
    path("shows/<int:show>/seats", seats),
    path("shows/<int:show>/holds", hold),
    path("holds/<str:hold>/book", book),
]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
