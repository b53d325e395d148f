"""An address that stays while the processes behind it change."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial

PIECE = 65_536


class Door:
    """Leads every connection to the port that is the right one when it is opened; it stays there to its end.

    As a Service of Kubernetes does it for a Deployment with one pod. Thread-safe.
    """

    def __init__(self) -> None:
        self._target: int | None = None

    def lead_to(self, port: int) -> None:
        self._target = port

    async def _passed_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            if self._target is None:
                return
            try:
                behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._target)
            except OSError:
                return
            # Those that are open when the door is closed end with it.
            with contextlib.closing(behind_writer), contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(_copied(reader, behind_writer), _copied(behind_reader, writer))

    @contextlib.contextmanager
    def open(self, port: int) -> Iterator[Door]:
        """Listens on this machine's port for as long as the body runs.

        :raises OSError: if another one listens there
        """
        opened: Future[Callable[[], object]] = Future()
        thread = threading.Thread(target=lambda: asyncio.run(self._keep_open(port, opened)), daemon=True)
        thread.start()
        close = opened.result()
        try:
            yield self
        finally:
            close()
            thread.join()

    async def _keep_open(self, port: int, opened: Future[Callable[[], object]]) -> None:
        closing = asyncio.Event()
        try:
            server = await asyncio.start_server(self._passed_on, "127.0.0.1", port)
        except OSError as taken:
            opened.set_exception(taken)
            return
        opened.set_result(partial(asyncio.get_running_loop().call_soon_threadsafe, closing.set))
        with contextlib.closing(server):
            await closing.wait()


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Until one side has ended; then the other one is told so."""
    with contextlib.suppress(OSError):
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
    with contextlib.suppress(OSError, RuntimeError):
        target.write_eof()
