"""Plays the stages and prints what they took."""

import json
import sys

from lab_tool.topology import LabError

from bench import arguments, change, figures, switchover, sync


def main():
    options = arguments.parse(sys.argv[1:])
    results = {}
    if "sync" in options.only:
        times = results["sync"] = sync.run(options)
        words = f"{options.records} records of {options.bytes} bytes to a fresh standby, on tmpfs"
        print(figures.line("sync", figures.summary(times), words), flush=True)
    if "switchover" in options.only:
        times = results["switchover"] = switchover.run(options)
        words = "command to the new active's answer on the mgmt address"
        print(figures.line("switchover", figures.summary(times), words), flush=True)
    if "change" in options.only:
        times = results["change"] = change.run(options)
        for name, its in times.items():
            print(figures.line(f"change: {name}", figures.summary(its)), flush=True)
    if options.output:
        with open(options.output, "w", encoding="ascii") as out:
            json.dump(results, out)


if __name__ == "__main__":
    try:
        main()
    except (LabError, RuntimeError) as error:
        sys.exit(f"run: {error}")
