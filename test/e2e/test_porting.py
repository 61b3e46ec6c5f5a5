"""What docs/operations/keepalived.md tells to those who port a vrrp_instance, on real wires."""
import subprocess

from lab_tool.binaries import SOURCE
from lab_tool.nodes import wait_for
from test_events import lines_of, script
from test_vsmd import in_state


def test_a_notify_script_of_keepalived_is_called_as_before(make_lab, tmp_path):
    """EVT-3"""
    control = make_lab(vems=0, multiplier=20)
    told, hooks = {}, {}
    for name in ("vsm-a", "vsm-b"):
        told[name] = tmp_path / f"{name}.told"
        notify = script(tmp_path, f"on-change-{name}", f'echo "$@" >>{told[name]}\n')
        hooks[name] = {
            "hooks": [
                {
                    "on": ["role.active", "role.changed", "service.stopped"],
                    "run": [str(SOURCE / "configs" / "vrrp-notify"), "VI_1", notify, "mine"],
                }
            ]
        }
        control.start(name, hooks[name])
    one, other = control.node("vsm-a"), control.node("vsm-b")

    def says(name, *states):
        expected = [f"mine INSTANCE VI_1 {state} 100" for state in states]
        wait_for(lambda: lines_of(told[name]) == expected, 5, f"{name} to tell {states}")

    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    says("vsm-a", "MASTER")
    says("vsm-b", "BACKUP")
    control.stop("vsm-a")
    in_state(other, "active-alone")
    says("vsm-b", "BACKUP", "MASTER")
    control.start("vsm-a", hooks["vsm-a"])
    in_state(one, "standby-ha")
    # What the end of the service had no second for has its turn at the next start.
    says("vsm-a", "MASTER", "STOP", "BACKUP")


def test_the_wrapper_says_nothing_of_other_events(tmp_path):
    notify = script(tmp_path, "on-change", 'echo "$@"\n')
    wrapper = [str(SOURCE / "configs" / "vrrp-notify"), "VI_1", notify]

    def told(event, body):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "VSM_HA_EVENT": event}
        return subprocess.run(
            wrapper, env=environment, input=body, capture_output=True, text=True, check=True
        ).stdout

    assert told("role.active", "{}") == "INSTANCE VI_1 MASTER 100\n"
    assert told("role.changed", '{"fields":{"from":"discovering","to":"standby-ha"}}') == (
        "INSTANCE VI_1 BACKUP 100\n"
    )
    assert told("role.changed", '{"fields":{"from":"standby-ha","to":"active-alone"}}') == ""
    assert told("peer.lost", "{}") == ""
