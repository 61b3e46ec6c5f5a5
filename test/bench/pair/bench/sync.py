"""A large state to a fresh standby: from its start to HA standby, stores on tmpfs."""

import os
import shutil
import subprocess
import time

from lab_tool.nodes import wait_for

from bench.pair import Pair

STORAGE_MIB = 1024


def run(options):
    filler = os.path.join(
        os.environ["VSM_HA_ROOT"], "build", "bench", "test", "bench", "fill-records"
    )
    memory = os.path.join(os.environ["VSM_HA_BENCH_WORK"], "tmpfs")
    os.mkdir(memory)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4g", "tmpfs", memory], check=True)
    return [
        _one(options, filler, os.path.join(memory, str(number))) for number in range(options.syncs)
    ]


def _one(options, filler, states):
    with Pair(options.timers, STORAGE_MIB, states) as pair:
        folder = pair.state_folder("vsm-a")
        folder.mkdir(parents=True)
        words = [filler, folder, options.records, options.bytes, STORAGE_MIB]
        subprocess.run([str(word) for word in words], check=True)
        pair.start("vsm-a")
        wait_for(lambda: (pair.state("vsm-a") or "").startswith("Active"), 60, "vsm-a to be active")
        begun = time.monotonic()
        pair.start("vsm-b")
        wait_for(lambda: pair.state("vsm-b") == "HA standby", 60, "vsm-b to be standby")
        took_ms = (time.monotonic() - begun) * 1000
    shutil.rmtree(states)
    return took_ms
