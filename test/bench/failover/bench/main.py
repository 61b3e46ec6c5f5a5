"""One run: prepares the private switch, runs the stages, prints and writes what was found.

Started by ../run inside namespaces of its own; must not be started outside of them.
"""

import dataclasses
import json
import os
import platform
import shutil
import signal
import sys
import time

from bench import arguments, kernel, lab, peers, report, rest, saturation, summary, takeover
from bench.peers import vsm_ha


def idle_percent(seconds=2.0):
    """How much of all processors nobody used for a while: below 95 the machine is not quiet."""

    def reading():
        with open("/proc/stat", encoding="ascii") as file:
            fields = [int(word) for word in file.readline().split()[1:9]]
        return fields[3] + fields[4], sum(fields)

    idle_before, all_before = reading()
    time.sleep(seconds)  # measure: the machine without us
    idle_after, all_after = reading()
    return 100 * (idle_after - idle_before) / max(1, all_after - all_before)


def facts(plan):
    """What somebody who compares two runs must know of the machine."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "kernel": platform.release(),
        "processors": f"{os.cpu_count()} x {models[0] if models else platform.machine()}",
        "idle before the run": f"{idle_percent():.0f} %",
        **{f"{name} version": peers.version(name) for name in plan.peers},
    }


def log_keeper(directory):
    """A function that copies a lab's logs away, numbered, when a directory was asked for."""
    count = 0

    def keep(finished, label):
        nonlocal count
        count += 1
        if directory:
            for node in (finished.a, finished.b):
                for name in os.listdir(node.directory):
                    if name.endswith(".log"):
                        target = os.path.join(directory, f"{count:04d}-{label}")
                        os.makedirs(target, exist_ok=True)
                        shutil.copy(node.path(name), os.path.join(target, f"{node.letter}-{name}"))
        for node in (finished.a, finished.b):
            shutil.rmtree(node.directory, ignore_errors=True)

    return keep


def tell(record):
    """One progress line on standard error."""
    kept = {key: value for key, value in record.items() if key not in ("nodes", "nominal_ms")}
    words = [
        f"{key}={value:.2f}" if isinstance(value, float) else f"{key}={value}"
        for key, value in kept.items()
    ]
    print(" ".join(words), file=sys.stderr, flush=True)


def measure(plan, work):
    result = {
        "environment": facts(plan),
        "plan": dataclasses.asdict(plan),
        "takeover": [],
        "saturation": [],
        "rest": [],
    }
    keep_logs = log_keeper(plan.logs)
    for name, stage in (("takeover", takeover), ("saturation", saturation), ("rest", rest)):
        if name in plan.stages:
            result[name] = stage.run(plan, work, keep_logs, tell)
    return result


def show(result):
    """Prints the report; returns the verdicts."""
    parts = [report.environment(result["environment"])]
    for name in ("takeover", "saturation", "rest"):
        if result[name]:
            parts.append(getattr(report, name)(result))
    found = summary.verdicts(result)
    if "vsm-ha" in result["plan"]["peers"]:
        parts.append(report.goals(found))
    print("\n\n".join(parts), flush=True)
    return found


def main():
    plan = arguments.parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if "vsm-ha" in plan.peers and not os.access(vsm_ha.binary(), os.X_OK):
        sys.exit(f"run: no vsmd at {vsm_ha.binary()}: build the preset release, or set VSM_HA_BIN")
    kernel.observe_with_priority()
    result = measure(plan, lab.prepare_switch(os.environ["VSM_HA_BENCH_WORK"]))
    found = show(result)
    if plan.output:
        with open(plan.output, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
            file.write("\n")
    if plan.check_goals and any(verdict.met is False for verdict in found):
        sys.exit(2)


if __name__ == "__main__":
    main()
