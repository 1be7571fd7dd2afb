"""Who may sign in: users and their sessions."""

from __future__ import annotations

from collections.abc import Iterator

from ._arguments import UserLike, some_text, text_of, user_of
from ._part import Part
from ._tables import Rows
from ._values import Role, Session, SignedIn, User


class Users(Part):
    """The users of an engine, and their sessions.

    Passwords are kept as Argon2id. Whatever hashes or compares one takes some 30 ms; two of those
    run at a time, others wait, and beyond 64 who wait it is `Busy`. The engine itself asks nobody
    for rights: it is the application that lets people in, and asks `User.may`.

    >>> import seatcore
    >>> engine = seatcore.open()
    >>> ada = engine.users.create("ada", "correct horse battery")
    >>> ada.role, ada.holder, ada.may("buy"), ada.may("block")
    (<Role.CUSTOMER: 'customer'>, 'user:1', True, False)
    >>> signed = engine.users.sign_in("ada", "correct horse battery")
    >>> engine.users.authenticate(signed.token).user == ada     # for each request that brings it
    True
    """

    __slots__ = ()

    def create(self, name: str, password: str, *, role: Role | str = Role.CUSTOMER) -> User:
        """Adds a user: a name of 1 to 64 characters, a password of 8 to 256 that is not common.

        Raises `InvalidInput`, or `NameTaken`: `Ada` and `ada` are one name.
        """
        word = text_of("role", role)
        return self._native.add_user(text_of("name", name), text_of("password", password), word)

    def get(self, user: UserLike | str) -> User:
        """A user by number, or by name in any case."""
        if isinstance(user, str):
            return self._native.user_named(user)
        return self._native.user(user_of(user))

    def list(self) -> Rows[User]:
        """Every user, by number."""
        return Rows(self._native.users())

    def __iter__(self) -> Iterator[User]:
        return iter(self.list())

    def edit(
        self, user: UserLike, *, role: Role | str | None = None, disabled: bool | None = None
    ) -> User:
        """Gives another role, shuts out or lets in again; what is not given stays.

        A new role and shutting out end their sessions: a token never outlives its rights.
        """
        word = None if role is None else text_of("role", role)
        return self._native.edit_user(user_of(user), word, disabled)

    def remove(self, user: UserLike) -> None:
        """Removes a user: name, password and sessions leave the file.

        What they booked stays under `user:<number>`, and the number is not given again.
        """
        self._native.remove_user(user_of(user))

    def set_password(self, user: UserLike, password: str, *, old: str | None = None) -> None:
        """Sets another password and ends their sessions.

        With `old` only if that is their password, else `NotSignedIn`: for people who change their
        own.
        """
        before = None if old is None else text_of("old", old)
        self._native.set_password(user_of(user), before, text_of("password", password))

    def verify_password(self, name: str, password: str) -> User:
        """Who this is, if the password fits. Nothing is begun.

        Raises `NotSignedIn` for a wrong name, a wrong password and somebody shut out alike, after
        the same time.
        """
        return self._native.verify_password(text_of("name", name), text_of("password", password))

    def sign_in(self, name: str, password: str, *, agent: str | None = None) -> SignedIn:
        """Begins a session: its `token` is for the browser's cookie, and kept nowhere else.

        It ends after half an hour of silence or after 12 hours. `agent` says what the browser is.
        Raises `NotSignedIn` as `verify_password` does.
        """
        return self._native.sign_in(
            text_of("name", name), text_of("password", password), some_text("agent", agent)
        )

    def start_session(self, user: UserLike, *, agent: str | None = None) -> SignedIn:
        """Begins a session for somebody whom the caller has made sure of in another way."""
        return self._native.start_session(user_of(user), some_text("agent", agent))

    def authenticate(self, token: str) -> SignedIn | None:
        """Whom this token lets in, if anybody: most often from memory, in a microsecond or two."""
        return self._native.authenticate(text_of("token", token))

    def sign_out(self, token: str) -> None:
        """Ends this session; whoever has none is signed out already."""
        self._native.sign_out(text_of("token", token))

    def sessions(self, user: UserLike) -> Rows[Session]:
        """A user's live sessions, newest first."""
        return Rows(self._native.sessions(user_of(user)))

    def end_session(self, user: UserLike, session: Session | str) -> None:
        """Ends one of a user's sessions."""
        self._native.end_session(user_of(user), _name_of(session))

    def end_sessions(self, user: UserLike, *, but: Session | str | None = None) -> None:
        """Ends every session of a user, but this one."""
        self._native.end_sessions(user_of(user), None if but is None else _name_of(but))


def _name_of(session: Session | str) -> str:
    return session.id if isinstance(session, Session) else text_of("session", session)
