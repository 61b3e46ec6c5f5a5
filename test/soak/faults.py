"""Random faults of a lab's cables, daemons and hosts, and when a pair has got over them."""
import json

SUPERVISORS = ("vsm-a", "vsm-b")
MODULES = ("vem-3", "vem-4")
NODES = (*SUPERVISORS, *MODULES)
ON_CABLES = ("cut", "heal", "loss", "slow", "carrier")
ENDING = ("kill", "crash", "stop", "power_off")
VERBS = (
    *("cut", "cut", "heal", "heal", "heal", "loss", "slow", "carrier"),
    *("kill", "crash", "stop", "power_off", "freeze", "reload", "clear", "switchover"),
)
SLOW = {"delay_ms": 5, "jitter_ms": 5, "duplicate": 5, "reorder": True}


def status(node):
    """What a supervisor says of the pair, {} when it says nothing."""
    answer = node.ask("show system redundancy status | json")
    return json.loads(answer["output"]) if answer and answer["exit"] == 0 else {}


def internal_state(node):
    return status(node).get("this_sup_internal_state", "")


def active_of(control):
    """The active with an HA standby, when the pair is whole; else None."""
    nodes = [control.node(name) for name in SUPERVISORS]
    states = [internal_state(node) for node in nodes]
    if sorted(states) != ["Active with HA standby", "HA standby"]:
        return None
    return nodes[states.index("Active with HA standby")]


def is_clean(control):
    """One active with an HA standby, the address on the active alone, both modules attached."""
    active = active_of(control)
    if active is None:
        return False
    held = {name: len(control.node(name).held_addresses()) for name in SUPERVISORS}
    modules = (active.ask("show module") or {}).get("output", "")
    return (
        held[active.name] == 2
        and sum(held.values()) == 2
        and all(f"host-{name}" in modules for name in MODULES)
    )


def on_cables(control, verb, name, cable, rnd):
    if verb == "cut":
        control.cut(name, cable, rnd.choice(["in", "out", "both"]))
    elif verb == "carrier":
        control.cut(name, cable, "both", True)
    elif verb == "loss":
        control.loss(name, cable, rnd.choice([10, 50]))
    elif verb == "slow":
        control.set_quality(name, cable, "both", **SLOW)
    else:
        control.heal(name, cable)


def one_fault(control, rnd, may_end=NODES):
    """Does something to a random node; only those in `may_end` have their process ended.
    Returns the verb and its node and cable."""
    name = rnd.choice(NODES)
    node = control.node(name)
    state = node.state()
    verb = rnd.choice([verb for verb in VERBS if name in may_end or verb not in ENDING])
    if state == "frozen":
        verb = "thaw"
    elif state != "running":
        verb = "start"
    cable = rnd.choice(["control", "mgmt", "all"])
    if verb in ON_CABLES:
        on_cables(control, verb, name, cable, rnd)
        return verb, f"{name} {cable}"
    commands = {
        "reload": "reload",
        "clear": "clear system redundancy peer-mac",
        "switchover": "system switchover",
    }
    if verb in commands:
        if name in SUPERVISORS:
            node.ask(commands[verb])
    else:
        getattr(control, verb)(name)
    return verb, name
