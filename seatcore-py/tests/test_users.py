"""Who may sign in."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest
import seatcore
from seatcore import Deed, Role, aio

from conftest import PATIENCE_S

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(engine: seatcore.Engine) -> seatcore.User:
    """A customer."""
    return engine.users.create("ada", PASSWORD)


def test_somebody_is_added_signs_in_and_is_let_in_by_a_token(
    engine: seatcore.Engine, ada: seatcore.User
) -> None:
    assert (ada.id, ada.name, ada.role, ada.disabled) == (1, "ada", Role.CUSTOMER, False)
    assert engine.users.verify_password("ADA", PASSWORD) == ada
    signed = engine.users.sign_in("ada", PASSWORD, agent="Firefox\n152")
    assert (signed.user, signed.holder, signed.session.agent) == (ada, "user:1", "Firefox152")
    assert engine.users.authenticate(signed.token) == signed
    assert list(engine.users.sessions(ada)) == [signed.session]
    engine.users.sign_out(signed.token)
    assert engine.users.authenticate(signed.token) is None
    assert engine.users.authenticate("nonsense") is None
    engine.users.sign_out("nonsense")


def test_a_token_is_in_no_repr_and_no_dict(engine: seatcore.Engine, ada: seatcore.User) -> None:
    signed = engine.users.start_session(ada)
    assert signed.token not in repr(signed)
    assert signed.token not in str(signed.to_dict())
    assert signed.to_dict()["holder"] == "user:1"


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "wrong horse battery"), ("eve", PASSWORD), ("", ""), ("ada", "")]
)
def test_a_wrong_name_and_a_wrong_password_read_the_same(
    engine: seatcore.Engine, ada: seatcore.User, name: str, password: str
) -> None:
    said = set()
    for call in (engine.users.verify_password, engine.users.sign_in):
        with pytest.raises(seatcore.NotSignedIn) as refused:
            call(name, password)
        said.add((refused.value.code, str(refused.value)))
    assert said == {("not_signed_in", str(refused.value))}
    assert list(engine.users.sessions(ada)) == []


@pytest.mark.parametrize(
    ("name", "password", "role", "wrong"),
    [
        ("", PASSWORD, "customer", seatcore.InvalidInput),
        ("a\nb", PASSWORD, "customer", seatcore.InvalidInput),
        ("bob", "short", "customer", seatcore.InvalidInput),
        ("bob", "password1", "customer", seatcore.InvalidInput),
        ("bob", "x" * 257, "customer", seatcore.InvalidInput),
        ("bob", PASSWORD, "king", seatcore.InvalidInput),
        ("bob", PASSWORD, 3, seatcore.InvalidInput),
        (7, PASSWORD, "customer", seatcore.InvalidInput),
        ("Ada", PASSWORD, "customer", seatcore.NameTaken),
    ],
)
def test_whom_it_does_not_add(
    engine: seatcore.Engine,
    ada: seatcore.User,
    name: str,
    password: str,
    role: str,
    wrong: type[Exception],
) -> None:
    with pytest.raises(wrong):
        engine.users.create(name, password, role=role)
    assert list(engine.users) == [ada]


def test_another_role_and_another_password_end_the_sessions(
    engine: seatcore.Engine, ada: seatcore.User
) -> None:
    token = engine.users.sign_in("ada", PASSWORD).token
    staff = engine.users.edit(ada, role="staff")
    assert (staff.role, staff.may(Deed.BLOCK), staff.may("edit_users")) == ("staff", True, False)
    assert engine.users.authenticate(token) is None

    token = engine.users.sign_in("ada", PASSWORD).token
    with pytest.raises(seatcore.NotSignedIn):
        engine.users.set_password(ada, "another horse", old="not it")
    assert engine.users.authenticate(token)
    engine.users.set_password(ada, "another horse", old=PASSWORD)
    assert engine.users.authenticate(token) is None
    engine.users.set_password(ada, "a third horse")
    assert engine.users.verify_password("ada", "a third horse") == staff


def test_who_is_shut_out_stays_out_until_let_in(
    engine: seatcore.Engine, ada: seatcore.User
) -> None:
    token = engine.users.start_session(ada).token
    assert engine.users.edit(ada, disabled=True).disabled
    assert engine.users.authenticate(token) is None
    for call in (
        lambda: engine.users.sign_in("ada", PASSWORD),
        lambda: engine.users.start_session(ada),
    ):
        with pytest.raises(seatcore.NotSignedIn):
            call()
    engine.users.edit(ada, disabled=False)
    assert engine.users.sign_in("ada", PASSWORD)


def test_sessions_end_one_by_one_or_all_but_one(
    engine: seatcore.Engine, ada: seatcore.User
) -> None:
    desk, phone, tablet = (engine.users.start_session(ada, agent=what) for what in "abc")
    bob = engine.users.create("bob", PASSWORD)
    with pytest.raises(seatcore.NotFound):
        engine.users.end_session(bob, desk.session)
    engine.users.end_session(ada, desk.session)
    assert engine.users.authenticate(desk.token) is None
    engine.users.end_sessions(ada, but=phone.session.id)
    assert list(engine.users.sessions(ada)) == [phone.session]
    assert engine.users.authenticate(tablet.token) is None
    with pytest.raises(seatcore.NotFound):
        engine.users.end_session(ada, "nonsense")


def test_who_is_removed_leaves_bookings_behind(
    engine: seatcore.Engine, ada: seatcore.User, show: seatcore.Show
) -> None:
    sold = engine.book(engine.hold(show, "A1", holder=ada.holder))
    engine.users.remove(ada)
    for lost in (ada, 1, "ada", -1, 2**40):
        with pytest.raises(seatcore.NotFound):
            engine.users.get(lost)
    assert engine.booking(sold).holder == "user:1"
    assert engine.users.create("ada", PASSWORD).id == 2


def test_roles_are_in_order_and_the_table_is_the_engine_s() -> None:
    assert Role.CUSTOMER < Role.STAFF < Role.MANAGER
    assert sorted([Role.MANAGER, Role.STAFF, Role.CUSTOMER]) == list(Role)
    assert Role.MANAGER >= Role.STAFF >= Role.STAFF and not Role.STAFF > Role.STAFF
    assert seatcore._seatcore.deeds() == list(Deed)
    with pytest.raises(seatcore.InvalidInput):
        seatcore._seatcore.may("staff", "rule")


def test_many_sign_in_and_others_sell_meanwhile(
    engine: seatcore.Engine, ada: seatcore.User, show: seatcore.Show
) -> None:
    answers: list[object] = []

    def sign_in() -> None:
        try:
            answers.append(engine.users.sign_in("ada", PASSWORD))
        except seatcore.Busy as busy:
            answers.append(busy)

    people = [threading.Thread(target=sign_in) for _ in range(80)]
    for one in people:
        one.start()
    begun = time.perf_counter()
    engine.release(engine.hold(show, "A1", holder="bob"))
    sold = time.perf_counter() - begun
    for one in people:
        one.join(PATIENCE_S)
    busy = [answer for answer in answers if isinstance(answer, seatcore.Busy)]
    signed = [answer for answer in answers if isinstance(answer, seatcore.SignedIn)]
    assert len(busy) + len(signed) == 80
    # Two hash and 64 wait; the rest were told at once.
    assert len(signed) >= 66
    assert all(refused.retry_after == 2.0 for refused in busy)
    assert sold < PATIENCE_S


def test_the_same_for_asyncio(path: Path) -> None:
    async def scene() -> None:
        async with aio.open(path) as engine:
            ada = await engine.users.create("ada", PASSWORD, role=Role.MANAGER)
            signed = await engine.users.sign_in("ada", PASSWORD)
            assert await engine.users.authenticate(signed.token) == signed
            assert await engine.users.get("Ada") == ada
            await engine.users.sign_out(signed.token)
            with pytest.raises(seatcore.NotSignedIn):
                await engine.users.verify_password("ada", "wrong horse")
            asked = [engine.users.verify_password("ada", PASSWORD) for _ in range(67)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert [type(answer).__name__ for answer in answers].count("Busy") == 1
            assert answers.count(ada) == 66

    asyncio.run(scene(), debug=True)


def test_another_process_knows_them(path: Path) -> None:
    with seatcore.open(path) as engine:
        token = engine.users.start_session(engine.users.create("ada", PASSWORD)).token
    with seatcore.open(path) as engine:
        signed = engine.users.authenticate(token)
        assert signed is not None and signed.user.name == "ada"
