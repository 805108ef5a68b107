"""A network of one process's own: a namespace, and a wire to it that loses and delays packets.

The wire is two TUN devices, one of them in the namespace, and a loop that carries every IP packet
from one to the other. So it needs nothing of the kernel but namespaces and TUN; `tc netem` is not
in every kernel, and not in the one this was written on.
"""

import asyncio
import fcntl
import os
import random
import shutil
import struct
import subprocess
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Self

from shared.cli.run import Processes
from tests.faults.proxy import Loop

DEVICE = Path("/dev/net/tun")
TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MTU = 1500
HOST, GUEST = "198.18.{}.1", "198.18.{}.2"  # RFC 2544: for tests of networks
_next = count(1)


def allowed() -> bool:
    """Whether this user may make namespaces and devices here."""
    if not (os.geteuid() == 0 and DEVICE.exists() and shutil.which("ip")):
        return False
    name = f"fuquan-{os.getpid()}-0"
    try:
        _ip("netns", "add", name)
    except subprocess.CalledProcessError:
        return False
    _ip("netns", "del", name)
    return True


class Wire:
    """A namespace and the wire to it; packets pass at once, until told otherwise.

    Args:
        loop: carries the packets.
        chance: which of them are lost, and how late the others are.
    """

    def __init__(self, loop: Loop, chance: random.Random) -> None:
        number = next(_next)
        self.namespace = f"fuquan-{os.getpid()}-{number}"
        self.host, self._guest = HOST.format(number), GUEST.format(number)
        self._device = f"fq{os.getpid() % 100_000}-{number}"
        self._loop, self._chance = loop.loop, chance
        self._loss, self._delay, self._jitter = 0.0, 0.0, 0.0
        self._severing: int | None = None
        self._gone: set[bytes] = set()
        self._ends: tuple[int, ...] = ()
        self.carried = self.lost = 0

    def __enter__(self) -> Self:
        far = f"{self._device}g"
        _ip("netns", "add", self.namespace)
        self._ends = here, there = _tun(self._device), _tun(far)
        _ip("link", "set", far, "netns", self.namespace)
        _ip("addr", "add", self.host, "peer", self._guest, "dev", self._device)
        _ip("link", "set", self._device, "up")
        _ip("-n", self.namespace, "addr", "add", self._guest, "peer", self.host, "dev", far)
        for one in (far, "lo"):
            _ip("-n", self.namespace, "link", "set", one, "up")
        for from_, to in ((here, there), (there, here)):
            self._loop.call_soon_threadsafe(self._loop.add_reader, from_, self._carry, from_, to)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        _ip("netns", "del", self.namespace)

    def cut(self) -> None:
        """Carry nothing, in either direction, and tell nobody."""
        self._loss = 1.0

    def sever(self, port: int) -> None:
        """Carry nothing to and from a port of this side, and tell nobody.

        New connections pass after `heal`; those of which a packet was lost never pass again.
        """
        self._severing = port

    def lose(self, part: float) -> None:
        """Lose this part of the packets, each by itself."""
        self._loss = part

    def delay(self, seconds: float, jitter: float) -> None:
        """Carry each packet so much later, give or take: one may overtake another."""
        self._delay, self._jitter = seconds, jitter

    def heal(self) -> None:
        """Carry as at the beginning."""
        self._loss, self._delay, self._jitter, self._severing = 0.0, 0.0, 0.0, None

    def _carry(self, from_: int, to: int) -> None:
        with suppress(BlockingIOError):
            while True:
                packet = os.read(from_, MTU)
                self.carried += 1
                if self.severed(packet) or self._chance.random() < self._loss:
                    self.lost += 1
                elif self._delay:
                    late = self._delay + self._chance.uniform(-self._jitter, self._jitter)
                    self._loop.call_later(late, self._put, to, packet)
                else:
                    self._put(to, packet)

    def severed(self, packet: bytes) -> bool:
        """Whether a packet, of IPv4 and TCP, belongs to a connection that is gone for ever."""
        begin = 4 * (packet[0] & 15)  # of the TCP header, RFC 791: both ports come first
        ports = [packet[begin:begin + 2], packet[begin + 2:begin + 4]]
        connection = b"".join(sorted(ports))
        if self._severing is not None and self._severing.to_bytes(2) in ports:
            self._gone.add(connection)
        return connection in self._gone

    def _put(self, to: int, packet: bytes) -> None:
        if self._ends:
            with suppress(OSError):  # a full queue loses packets, as elsewhere
                os.write(to, packet)

    async def _close(self) -> None:
        ends, self._ends = self._ends, ()
        for end in ends:
            self._loop.remove_reader(end)
            os.close(end)


class Within(Processes):
    """Processes in a namespace.

    Args:
        namespace: name of it.
        processes: how they would run outside.
    """

    def __init__(self, namespace: str, processes: Processes) -> None:
        super().__init__(processes.admin, processes.names)
        self.outside = processes
        self._prefix = ("ip", "netns", "exec", namespace)

    def command(self, name: str) -> tuple[str, ...]:
        return (*self._prefix, *self.outside.command(name))


def _tun(name: str) -> int:
    """A new TUN device; it lasts as long as the file."""
    end = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH14x", name.encode("ascii"), IFF_TUN | IFF_NO_PI))
    return end


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
