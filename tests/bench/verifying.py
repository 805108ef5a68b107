"""Verify cases' log in a process of its own, and say what that took.

Linux tells the peak of this program; `getrusage` would also count what the caller had before.
"""

import json
import re
import sys
import time
from pathlib import Path

from services.ledger.offline import verified
from shared.log.verify import Verified
from shared.settings import Settings


def main() -> None:
    """Print the outcome, the seconds and the peak in megabytes as JSON."""
    started = time.perf_counter()
    found = verified(Settings.from_environment(), "cases")
    seconds = time.perf_counter() - started
    assert isinstance(found, Verified), found
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    assert peak
    told = {"size": found.size, "vouched": found.vouched, "root": found.root.hex()}
    json.dump(told | {"seconds": seconds, "peak": int(peak[1]) / 1024}, sys.stdout)


if __name__ == "__main__":
    main()
