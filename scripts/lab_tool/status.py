"""`scripts/lab status`: one line a node."""
import json

from .topology import PORTS, is_vem, switch_port


def role_words(node):
    """What a supervisor or a module says of itself, in a few words."""
    module = is_vem(node.name)
    answer = node.ask(f"show {'vem' if module else 'system redundancy'} status | json")
    if not answer or answer.get("exit"):
        return "no answer"
    try:
        body = json.loads(answer["output"])
    except ValueError:
        return "no JSON"
    if not module:
        return str(body.get("this_sup_internal_state", "?"))
    words = str(body.get("state", "?"))
    if words == "attached":
        words += f" to sup-{body.get('supervisor')} as module {body.get('module')}"
    return words


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
        words = role_words(node) if state == "running" else ""
        held = " (mgmt address)" if not is_vem(name) and node.held_addresses() else ""
        print(f"{name:8} {process:26} {cables[0]:22} {cables[1]:22} {words}{held}".rstrip())
