"""Another's log over HTTP, as C2SP tlog-tiles lays it out."""

from dataclasses import replace
from http import HTTPStatus

import requests

from shared.log.tiles import WIDTH, Tile, hashes, unbundle

SECONDS = (5, 60)  # to connect, and between two parts of an answer
LONGEST_NOTE = 65_536
LONGEST_TILE = WIDTH * (2 + 65_535)
CHUNK = 65_536


class Away(RuntimeError):
    """There is no such answer; the message says where and why."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Remote:
    """One log as its server shows it; nothing of it is trusted.

    Args:
        url: where ``checkpoint`` and ``tile/`` are, e.g. ``https://county.example/log/cases``.
    """

    def __init__(self, url: str, session: requests.Session | None = None) -> None:
        self.url = url.rstrip("/")
        self.session = session or requests.Session()

    def note(self) -> bytes:
        """The latest checkpoint as it is shown.

        Raises:
            Away: it is not.
        """
        return self._read("checkpoint", LONGEST_NOTE)

    def handover(self, position: int) -> str | None:
        """The checkpoint shown for a rotation of the log's key; None where none is shown.

        Raises:
            Away: the server does not say.
        """
        try:
            return self._read(f"handover/{position}", LONGEST_NOTE).decode()
        except UnicodeDecodeError:
            return None
        except Away as away:
            if HTTPStatus.BAD_REQUEST <= away.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return None
            raise

    def rows(self, tile: Tile) -> list[bytes]:
        """The hashes of a tile or the entries of a bundle, as many as its width.

        A server need not keep a partial tile once the full one is there.

        Raises:
            Away: it is not there.
            ValueError: it is cut off, or holds fewer.
        """
        try:
            data = self._read(tile.path, LONGEST_TILE)
        except Away as away:
            if away.status != HTTPStatus.NOT_FOUND or tile.width == WIDTH:
                raise
            data = self._read(replace(tile, width=WIDTH).path, LONGEST_TILE)
        found = (unbundle(data) if tile.level is None else hashes(data))[:tile.width]
        if len(found) < tile.width:
            raise ValueError(f"{tile.path} holds {len(found)}")
        return found

    def offer(self, note: str) -> bool:
        """Hand back a cosigned checkpoint; whether it was kept. A mere web server keeps none."""
        try:
            answer = self.session.post(
                f"{self.url}/cosignature", data=note.encode(), timeout=SECONDS,
                allow_redirects=False, headers={"Content-Type": "text/plain; charset=utf-8"},
            )
        except requests.RequestException:
            return False
        return answer.status_code == HTTPStatus.NO_CONTENT

    def _read(self, path: str, most: int) -> bytes:
        url, data = f"{self.url}/{path}", b""
        try:
            with self.session.get(
                url, timeout=SECONDS, stream=True, allow_redirects=False
            ) as answer:
                if answer.status_code != HTTPStatus.OK:
                    raise Away(f"{url}: HTTP {answer.status_code}", answer.status_code)
                for chunk in answer.iter_content(CHUNK):
                    data += chunk
                    if len(data) > most:
                        raise Away(f"{url}: more than {most} bytes")
        except requests.RequestException as wrong:
            raise Away(f"{url}: {wrong}") from wrong
        return data
