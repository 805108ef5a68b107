"""A town's list before the public: which version, on which channels."""

from collections.abc import Collection
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import event

from services.catalog.domain import refusals
from services.catalog.domain.stream import Stream


class Publication(Stream):
    """What was published of one town's list (R105)."""

    class TownListPublished(Stream.Happened):
        town_id: str
        list_version: int
        channel: str
        url: str | None
        published_at: datetime

    @staticmethod
    def create_id(programme: str, town: str) -> UUID:
        """The stream of a town's publications."""
        return uuid5(NAMESPACE_URL, f"fuquan:publication:{programme}:{town}")

    def begin(self) -> None:
        """Nothing published."""
        self.list_version = 0
        self.channels: dict[str, str | None] = {}

    def publish(
        self, *, town: str, list_version: int, channel: str, url: str | None,
        published_at: datetime, approved: Collection[int],
    ) -> None:
        """Publish an approved version on a channel, never an older one than stands there."""
        if list_version not in approved:
            raise refusals.list_not_approved(town, list_version)
        if list_version < self.list_version:
            raise refusals.older_version(town, list_version, self.list_version)
        standing = self.channels if list_version == self.list_version else {}
        if channel in standing and standing[channel] == url:
            return
        self._published(
            town_id=town, list_version=list_version, channel=channel, url=url,
            published_at=published_at,
        )

    def republish(self, *, town: str, list_version: int, published_at: datetime) -> None:
        """Publish a revised version wherever the last one stands (R181)."""
        if list_version <= self.list_version:
            return
        for channel, url in dict(self.channels).items():
            self._published(
                town_id=town, list_version=list_version, channel=channel, url=url,
                published_at=published_at,
            )

    @event(TownListPublished)
    def _published(
        self, town_id: str, list_version: int, channel: str, url: str | None,
        published_at: datetime,
    ) -> None:
        if list_version != self.list_version:
            self.list_version, self.channels = list_version, {}
        self.channels[channel] = url
