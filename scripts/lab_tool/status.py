"""`scripts/lab status`: one line a node."""
import json

from .topology import PORTS, is_vem, switch_port


def role_words(node):
    """What a supervisor says of itself, in a few words; for a module, nothing."""
    answer = node.ask("show system redundancy status | json")
    if not answer or answer.get("exit"):
        return "no answer"
    try:
        body = json.loads(answer["output"])
        return str(body.get("this_sup_internal_state", "?"))
    except ValueError:
        return "no JSON"


def show(control):
    faults = control.wires.faults()
    parameters = control.lab.parameters
    print(
        f"Lab '{control.lab.name}', heartbeat {parameters.h_ms} ms, "
        f"loss interval {parameters.t_ms} ms, "
        f"files in {control.lab.folder}"
    )
    print(f"{'NODE':8} {'PROCESS':26} {'CONTROL':22} {'MGMT':22} STATE")
    for name in control.lab.nodes():
        node = control.node(name)
        state, pid = node.state(), node.process()
        process = f"{state}, pid {pid}" if pid else state
        cables = [faults.get(switch_port(name, port), "ok") for port in PORTS]
        words = role_words(node) if state == "running" and not is_vem(name) else ""
        held = " (mgmt address)" if not is_vem(name) and node.held_addresses() else ""
        print(f"{name:8} {process:26} {cables[0]:22} {cables[1]:22} {words}{held}".rstrip())
