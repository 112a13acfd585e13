"""Long work on a thread of its own, so that the window stays awake."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal

from kdc.errors import KdcError
from kdc_annotator.ui.text import tr


class Work(QThread):
    """A function on a thread of its own. ``done`` carries its result, ``failed`` a KdcError, ``progress`` text, n, of."""

    done = Signal(object)
    failed = Signal(object)
    progress = Signal(str, int, int)

    def __init__(
        self, function: Callable[[Callable[[str, int, int], None]], object], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._function = function
        self._told = 0.0
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Have it end as failed the next time that it says how far it is."""
        self._stopped.set()

    def run(self) -> None:
        try:
            result = self._function(self._tell)
        except KdcError as error:
            self.failed.emit(error)
        except MemoryError:
            self.failed.emit(KdcError(tr("Out of memory"), tr("There is not enough memory; close other programs.")))
        except Exception as error:  # A mistake of ours shall not end the window.
            self.failed.emit(KdcError(tr("Mistake in the program"), f"{type(error).__name__}: {error}"))
        else:
            self.done.emit(result)

    def _tell(self, text: str, done: int, of: int) -> None:
        if self._stopped.is_set():
            raise KdcError(tr("Stopped"), tr("It was stopped before it was done."))
        if time.monotonic() - self._told > 0.05 or done == of:
            self._told = time.monotonic()
            self.progress.emit(text, done, of)
