"""The thread that trains: one for all pages, since the random numbers of a process belong to one thread at a time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from tensorlet.playground.session import Session

#: How long the thread sleeps when all pages wait for the next epoch of a slow training, in seconds.
NAP = 0.004


class Worker:
    """Carries out commands in their order, and trains the sessions that play in turns.

    >>> worker = Worker()
    >>> session = worker.call(Session).result()
    >>> worker.add(session)
    >>> worker.call(lambda: session.do("epoch", {})).result()["epoch"]
    1
    >>> worker.stop()
    """

    def __init__(self) -> None:
        self._calls: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._sessions: list[Session] = []
        self._awake = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="tensorlet-playground", daemon=True)
        self._thread.start()

    def call(self, function: Callable[[], Any]) -> Future[Any]:
        """Runs a function on the thread; returns its future result."""
        future: Future[Any] = Future()
        with self._awake:
            self._calls.append((function, future))
            self._awake.notify()
        return future

    def add(self, session: Session) -> None:
        """Lets a session train."""
        with self._awake:
            self._sessions.append(session)

    def remove(self, session: Session) -> None:
        """Stops a session."""
        with self._awake:
            session.playing = False
            if session in self._sessions:
                self._sessions.remove(session)

    def stop(self) -> None:
        """Ends the thread after the current turn."""
        with self._awake:
            self._stopped = True
            self._awake.notify()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while True:
            with self._awake:
                while not (self._stopped or self._calls or any(session.busy for session in self._sessions)):
                    self._awake.wait()
                if self._stopped:
                    return
                calls = list(self._calls)
                self._calls.clear()
                sessions = list(self._sessions)
            for function, future in calls:
                self._carry_out(function, future)
            trained = [self._advance(session) for session in sessions]
            if not any(trained) and not calls:
                with self._awake:
                    self._awake.wait(NAP)

    @staticmethod
    def _carry_out(function: Callable[[], Any], future: Future[Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    @staticmethod
    def _advance(session: Session) -> bool:
        try:
            return session.advance()
        except Exception as error:
            session.playing = False
            session.failure = f"{type(error).__name__}: {error}"
            session.changed()
            return False
