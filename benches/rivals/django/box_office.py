"""Seats as rows that are locked: the usual way with Django, behind three POSTs.

`BENCH_DB` is `sqlite:PATH` or `postgres:SOCKET_FOLDER`, there in a database named after the style; `BENCH_STYLE` is `original` (a save for each
seat, default settings) or `tuned` (one UPDATE, connections kept, on SQLite the write-ahead log and
immediate transactions). `python box_office.py` lays the seats out; gunicorn serves `box_office:application`.
"""

import json
import os
from datetime import timedelta

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

SHOWS, SEATS = 100, 500
KIND, _, PLACE = os.environ["BENCH_DB"].partition(":")
TUNED = os.environ["BENCH_STYLE"] == "tuned"


def database():
    if KIND == "postgres":
        found = {"ENGINE": "django.db.backends.postgresql", "HOST": PLACE}
        found |= {"NAME": os.environ["BENCH_STYLE"], "USER": "postgres"}
    else:
        found = {"ENGINE": "django.db.backends.sqlite3", "NAME": PLACE}
    if TUNED:
        found["CONN_MAX_AGE"] = None
        if KIND == "sqlite":
            pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
            found["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "init_command": pragmas}
    return found


settings.configure(
    DATABASES={"default": database()},
    INSTALLED_APPS=[],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="of a benchmark",
    USE_TZ=True,
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402


class Seat(models.Model):
    show = models.IntegerField()
    number = models.IntegerField()
    status = models.CharField(max_length=10, default="AVAILABLE")
    held_by = models.CharField(max_length=64, null=True)
    hold_expires_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "bench"
        constraints = [models.UniqueConstraint(fields=["show", "number"], name="one_seat")]


STEPS = {
    "hold": ("AVAILABLE", "HELD"),
    "book": ("HELD", "BOOKED"),
    "cancel": ("BOOKED", "AVAILABLE"),
}


def command(request, step):
    asked = json.loads(request.body)
    holder, (before, after) = request.headers["X-User"], STEPS[step]
    expires = timezone.now() + timedelta(minutes=10) if after == "HELD" else None
    held_by = None if after == "AVAILABLE" else holder
    with transaction.atomic():
        wanted = Seat.objects.filter(show=asked["show"], number__in=asked["seats"])
        seats = list(wanted.select_for_update().order_by("number"))
        mine = [seat for seat in seats if seat.status == before and seat.held_by in (None, holder)]
        if len(mine) != len(asked["seats"]):
            return JsonResponse({"error": "not available"}, status=409)
        if TUNED:
            wanted.update(status=after, held_by=held_by, hold_expires_at=expires)
        else:
            for seat in mine:
                seat.status, seat.held_by, seat.hold_expires_at = after, held_by, expires
                seat.save()
    return JsonResponse({"status": after, "seats": asked["seats"]}, status=201)


urlpatterns = [path("<str:step>", command)]


def lay_out():
    with connection.schema_editor() as editor:
        if Seat._meta.db_table in connection.introspection.table_names():
            editor.delete_model(Seat)
        editor.create_model(Seat)
    places = [(show, number) for show in range(SHOWS) for number in range(SEATS)]
    seats = [Seat(show=show, number=number) for show, number in places]
    Seat.objects.bulk_create(seats, batch_size=5_000)


if __name__ == "__main__":
    lay_out()
else:
    application = get_wsgi_application()
