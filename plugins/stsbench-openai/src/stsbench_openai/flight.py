"""Several requests under way at once: each result is handed on as it comes, and no more are sent than may be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_flight(ask: Callable[[T], R], jobs: Sequence[T], most: int) -> Iterator[R]:
    """What `ask` gives of each job as it finishes, with at most `most` asked for and not yet taken; who takes one has kept the last.

    When one fails, no more are begun: those under way are waited for and given, and then the first error is raised.
    """
    waiting, done = SimpleQueue[T](), SimpleQueue[R | BaseException | None]()
    for job in jobs:
        waiting.put(job)
    room, stopped = Semaphore(most), Event()

    def work() -> None:
        while True:
            room.acquire()
            try:
                if stopped.is_set():
                    break
                done.put(ask(waiting.get_nowait()))
            except Empty:
                break
            except BaseException as error:  # noqa: BLE001 - raised where the results are taken
                stopped.set()
                done.put(error)
        room.release()  # for the next worker, which ends as well
        done.put(None)

    working = min(most, len(jobs))
    for _ in range(working):
        Thread(target=work, daemon=True).start()  # a daemon: one that waits to try again holds nobody up who leaves
    failure: BaseException | None = None
    try:
        while working:
            match done.get():
                case None:
                    working -= 1
                case BaseException() as error:
                    failure = failure or error
                    room.release()
                case result:
                    yield result
                    room.release()
    finally:
        stopped.set()
        room.release()
    if failure is not None:
        raise failure
