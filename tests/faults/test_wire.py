"""What a severed wire loses: the connections it has cut, also when others pass again."""

from random import Random
from types import SimpleNamespace

from tests.faults.wire import Wire

IP = bytes([0x45]) + bytes(19)  # a header without options
DATABASE, BROKER, OLD, IDLE, NEW = 5432, 5672, 40_001, 40_002, 40_003


def packet(source: int, to: int) -> bytes:
    return IP + source.to_bytes(2, "big") + to.to_bytes(2, "big") + b"rest"


def test_connections_cut_stay_cut_in_both_directions_and_new_ones_pass_after_healing():
    wire = Wire(SimpleNamespace(loop=None), Random(1))
    assert not wire.severed(packet(OLD, DATABASE))

    wire.sever(DATABASE)
    lost = [wire.severed(packet(OLD, DATABASE)), wire.severed(packet(OLD, BROKER))]
    wire.heal()

    assert lost == [True, False]
    assert wire.severed(packet(DATABASE, OLD))
    assert wire.severed(packet(OLD, DATABASE))
    assert not wire.severed(packet(IDLE, DATABASE))
    assert not wire.severed(packet(NEW, DATABASE))
