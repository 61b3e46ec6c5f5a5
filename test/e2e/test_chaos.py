"""Random faults on a real pair with modules; when they end, one clean pair must come out.

VSM_HA_CHAOS_SEEDS="1-20" plays more than the few that the tests play.
"""
import json
import os
import random

import pytest
from lab_tool.binaries import binaries
from lab_tool.nodes import wait_for
from lab_tool.scenario import DEMO, SANITIZER, SEVERE
from lab_tool.scenario_file import load

SUPERVISORS = ("vsm-a", "vsm-b")
NODES = (*SUPERVISORS, "vem-3", "vem-4")
# Errors that belong to frozen and interrupted supervisors.
EXPECTED = {"ADDRESS_FAILED", "ADDRESS_EXPIRED"}


def seeds():
    first, _, last = os.environ.get("VSM_HA_CHAOS_SEEDS", "1-3").partition("-")
    return range(int(first), int(last or first) + 1)


def status(node):
    answer = node.ask("show system redundancy status | json")
    return json.loads(answer["output"]) if answer and answer["exit"] == 0 else {}


def is_clean(control):
    """One active with an HA standby, the address on the active alone, both modules attached."""
    nodes = [control.node(name) for name in SUPERVISORS]
    states = [status(node).get("this_sup_internal_state") for node in nodes]
    if sorted(map(str, states)) != ["Active with HA standby", "HA standby"]:
        return False
    active = nodes[states.index("Active with HA standby")]
    held = {node.name: len(node.held_addresses()) for node in nodes}
    modules = (active.ask("show module") or {}).get("output", "")
    return (
        held[active.name] == 2
        and sum(held.values()) == 2
        and all(f"host-{name}" in modules for name in ("vem-3", "vem-4"))
    )


def one_fault(control, rnd):
    """Does something at random; returns what, and waits a random moment in heartbeats."""
    name = rnd.choice(NODES)
    node = control.node(name)
    state = node.state()
    verb = rnd.choice(
        [
            "cut",
            "cut",
            "heal",
            "heal",
            "heal",
            "loss",
            "kill",
            "stop",
            "freeze",
            "carrier",
            "reload",
            "clear",
        ]
    )
    if state == "frozen":
        verb = "thaw"
    elif state != "running":
        verb = "start"
    cable = rnd.choice(["control", "mgmt", "all"])
    if verb in ("cut", "heal", "loss", "carrier"):
        arguments = {
            "cut": (rnd.choice(["in", "out", "both"]),),
            "heal": (),
            "loss": (rnd.choice([10, 50]),),
            "carrier": ("both", True),
        }[verb]
        getattr(control, "cut" if verb == "carrier" else verb)(name, cable, *arguments)
    elif verb in ("reload", "clear"):
        if name in SUPERVISORS:
            node.ask("reload" if verb == "reload" else "clear system redundancy peer-mac")
    else:
        getattr(control, verb)(name)
    pause = rnd.choice([0, 0.5, 1, 2, 4, 8]) * control.lab.parameters.h_ms / 1000
    try:
        wait_for(lambda: False, pause, "nothing")  # measure: the distance of faults is what varies
    except Exception:  # noqa: BLE001
        pass
    return f"{verb} {name} {cable}"


@pytest.mark.parametrize("seed", seeds())
def test_random_faults_end_in_one_clean_pair(make_lab, seed):
    rnd = random.Random(seed)
    control = make_lab(start=True, vems=2, key=seed % 2 == 0)
    wait_for(lambda: is_clean(control), 10, "the pair before the faults")
    story = [one_fault(control, rnd) for _ in range(60)]
    for name in NODES:
        control.heal(name, "all")
        node = control.node(name)
        if node.state() == "frozen":
            node.thaw()
        elif node.state() != "running":
            control.start(name)
    try:
        wait_for(lambda: is_clean(control), 10, "one clean pair")
    except Exception as error:
        logs = "\n".join(f"--- {n}\n" + "\n".join(control.node(n).log()[-15:]) for n in NODES)
        pytest.fail(f"seed {seed}: {error}\n{' / '.join(story[-15:])}\n{logs}")
    (demo,) = load([DEMO], binaries()["vsm-sim"])
    harmless = {*demo.harmless_errors, *EXPECTED}
    for name in NODES:
        for line in control.node(name).log():
            match = SEVERE.search(line)
            assert not (match and match.group(2) not in harmless), line
            assert not SANITIZER.search(line), line
