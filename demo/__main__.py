"""Runs the demo: ``python -m demo --data FOLDER``; see `demo.cli`."""

import eventlet

eventlet.monkey_patch()

import argparse  # noqa: E402 - everything after the patch
from pathlib import Path  # noqa: E402

from demo.day import play  # noqa: E402

parser = argparse.ArgumentParser(prog="python -m demo")
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--servers", action="store_true")
parser.add_argument("--running", action="store_true")
parser.add_argument("--exit", action="store_true")
told = parser.parse_args()
on = "deployment" if told.running else "servers" if told.servers else "embedded"
raise SystemExit(play(told.data, port=told.port, on=on, stay=not told.exit))
