"""What a process holds: memory, descriptors, threads; and whether that grows."""
import os
import statistics
from dataclasses import dataclass
from pathlib import Path

WARM_UP = 5  # samples of a process that tables and caches need to fill
GROWTH_KIB = 2048  # of a median: less may be the allocator's


@dataclass
class Sample:
    memory_kib: int
    descriptors: int
    threads: int


def sample(pid):
    """Memory that is `pid`'s own and in no file, open descriptors, threads; None: it ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        own = next(line for line in rollup.splitlines() if line.startswith("Pss_Anon:"))
        memory = int(own.split()[1])
        return Sample(
            memory,
            len(os.listdir(f"/proc/{pid}/fd")),
            len(os.listdir(f"/proc/{pid}/task")),
        )
    except (OSError, StopIteration):
        return None


class Life:
    """The samples of one process, each taken while the pair was whole and at rest."""

    def __init__(self):
        self.samples = []

    def add(self, one):
        self.samples.append(one)

    def counted(self):
        return self.samples[WARM_UP:]

    def leaks(self):
        """What grew, in words; [] when nothing did, or when it is too short to tell. Compares the
        last two quarters: what is kept on disk, 10 000 events above all, fills before."""
        counted = self.counted()
        if len(counted) < 8:
            return []
        quarter = len(counted) // 4
        first, last = counted[-2 * quarter : -quarter], counted[-quarter:]
        found = []
        for what, allowed in (("memory_kib", GROWTH_KIB), ("descriptors", 2), ("threads", 0)):
            before, after = (
                statistics.median(getattr(one, what) for one in part) for part in (first, last)
            )
            if after > before + allowed:
                found.append(f"{what} grew from {before:g} to {after:g}")
        return found

    def summary(self):
        counted = self.counted() or self.samples
        ranges = [
            (min(values), max(values))
            for values in (
                [getattr(one, what) for one in counted]
                for what in ("memory_kib", "descriptors", "threads")
            )
        ]
        (low, high), files, threads = ranges
        return (
            f"{low / 1024:.1f} to {high / 1024:.1f} MiB, {files[0]} to {files[1]} descriptors, "
            f"{threads[0]} to {threads[1]} threads in {len(counted)} samples"
        )
