"""Scenario files, checked and resolved by `vsm-sim expand`: the one reader of the language, which
the simulator uses as well. Keys are those of its JSON (docs/scenarios.md)."""
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .topology import LabError, Parameters


@dataclass
class Scenario:
    path: Path
    name: str
    description: str
    tags: list
    parameters: Parameters
    units: dict  # h, T and H in seconds
    ready: object  # "ha": everything started and synchronized first; or a list of nodes
    slack: float  # seconds
    worlds: list
    expect_errors: list
    harmless_errors: list
    steps: list


def load(paths, simulator, timers=None):
    """The scenarios of these files; LabError tells all mistakes, each with its line."""
    command = [str(simulator), "expand", *(["--timers", timers] if timers else []), "--"]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True)
    if done.returncode:
        raise LabError(done.stderr.strip() or f"{' '.join(command)} ends with {done.returncode}")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    return [_scenario(Path(path), document) for path, document in zip(paths, documents)]


def _scenario(path, document):
    lab = document["lab"]
    documented = lab["timers"] == "nx-os"
    parameters = Parameters(
        vems=lab["vems"],
        timers=lab["timers"],
        heartbeat_ms=0 if documented else round(lab["heartbeat_ms"]),
        multiplier=lab["multiplier"],
        traffic=lab["traffic"],
        key=lab["key"],
        domain=lab["domain"],
        nodes=lab["nodes"],
    )
    units = {"h": "heartbeat_ms", "T": "loss_interval_ms", "H": "headless_ms"}
    return Scenario(
        path=path,
        name=document["name"],
        description=document["description"],
        tags=document["tags"],
        parameters=parameters,
        units={unit: lab[key] / 1000 for unit, key in units.items()},
        ready=lab["ready"],
        slack=lab["slack_ms"] / 1000,
        worlds=lab["worlds"],
        expect_errors=document["expect_errors"],
        harmless_errors=document["harmless_errors"],
        steps=document["steps"],
    )
