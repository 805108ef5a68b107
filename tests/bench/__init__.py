"""Speed: ours and the other's in one run, on the same payloads. `make bench`."""
