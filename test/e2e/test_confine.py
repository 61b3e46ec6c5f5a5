"""Daemons run with the system calls that the units leave them, and nothing passes over that."""
from lab_tool.nodes import wait_for
from test_vsmd import in_state, logged


def seccomp_mode(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(line.split()[1] for line in file if line.startswith("Seccomp:"))


def test_confined_daemons_are_filtered_and_so_are_their_hooks(make_lab, monkeypatch):
    monkeypatch.setenv("VSM_HA_CONFINE", "1")
    control = make_lab(vems=1)
    hooks = [
        {"on": ["role.active"], "run": ["/bin/sh", "-c", "echo an ordinary one"]},
        {"on": ["role.active"], "run": ["/bin/mount", "--bind", "/tmp", "/tmp"]},
    ]
    control.start("vsm-a", {"hooks": hooks})
    control.start("vem-3")
    node = control.node("vsm-a")
    in_state(node, "active-alone")
    wait_for(lambda: control.attached("vem-3"), 5, "vem-3 to attach")
    for name in ("vsm-a", "vem-3"):
        assert seccomp_mode(control.node(name).process()) == "2"
    logged(node, "an ordinary one")
    wait_for(
        lambda: any("Hook /bin/mount" in line and "signal 31" in line for line in node.log()),
        5,
        "the hook with a forbidden call to be killed",
    )
