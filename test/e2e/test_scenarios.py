"""The scenario player: fails what does not hold, names mistakes by line, always cleans up."""
import os
import signal
import subprocess
from pathlib import Path

import pytest
from lab_tool.binaries import binaries
from lab_tool.expect import PathError, follow
from lab_tool.nodes import wait_for
from lab_tool.scenario_file import load
from lab_tool.topology import Lab
from test_lab import left_of

SOURCE = Path(__file__).resolve().parents[2]
HEAD = "description: >\n  One thing. Another thing.\ntags: [HB-3]\n"


def write(folder, text, head=HEAD):
    path = folder / "a-scenario.yaml"
    path.write_text(head + text)
    return path


def test_all_mistakes_are_told_before_anything_is_built(tmp_path, lab_command):
    name = f"m{os.getpid() % 100000}"
    steps = "steps:\n  - kill: vsm-1\n  - expect: {node: vsm-a, state: x, within: soon}\n"
    path = write(tmp_path, steps)
    done = lab_command("run", "--name", name, str(path), check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert f"{path}:5: steps[0].kill: 'vsm-1' is no node" in done.stderr
    assert f"{path}:6: steps[1].expect.within: 'soon' is no time" in done.stderr
    assert "Traceback" not in done.stderr and left_of(name) == ([], [], False)


def test_other_timers_are_other_times(tmp_path):
    text = "lab: {heartbeat_ms: 20, multiplier: 4}\nsteps:\n  - {after: T + 2h, kill: vsm-a}\n"
    path = write(tmp_path, text)
    simulator = binaries()["vsm-sim"]
    for timers, after in ((None, 120), ("fast", 120), ("nx-os", 17_000)):
        (scenario,) = load([path], simulator, timers)
        assert scenario.steps[0]["after_ms"] == after
        assert scenario.units["T"] * 1000 == scenario.parameters.t_ms
        scenario.parameters.check()


def test_what_is_not_for_real_wires_is_skipped_loudly(tmp_path, lab_command):
    path = write(tmp_path, "lab: {worlds: [sim]}\nsteps:\n  - disk: {node: vsm-a, full: true}\n")
    done = lab_command("run", str(path), str(path))
    assert "SKIP a-scenario: not for real wires" in done.stdout
    assert "0 passed, 0 failed, 2 skipped" in done.stdout


def test_paths_into_data():
    data = {"TABLE_x": {"ROW_x": [{"mod": 3, "s": "ok"}, {"mod": 4, "s": "no"}]}}
    assert follow(data, "TABLE_x.ROW_x[mod=4].s") == "no"
    assert follow(data, "TABLE_x.ROW_x[0].s") == "ok"
    assert follow(data, "TABLE_x.ROW_x.length") == 2
    for wrong in ("TABLE_y", "TABLE_x.ROW_x[mod=5]", "TABLE_x.ROW_x[7]", "TABLE_x.ROW_x.s"):
        with pytest.raises(PathError):
            follow(data, wrong)


def play(path, name, **options):
    return subprocess.Popen(
        [str(SOURCE / "scripts" / "lab"), "run", "--name", name, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


@pytest.mark.parametrize(
    "steps, words",
    [
        ("- expect: {node: vsm-a, state: HA standby, within: T}", "FAIL a-scenario"),
        ("- expect: {node: vsm-a, redundancy: Active, never_for: T}", "FAIL a-scenario"),
        ("- command: {node: vsm-a, run: show nonsense}", "exits 1, expected 0"),
        ("- command: {node: vsm-a, run: show clock, exit: 1}", "exits 0, expected 1"),
    ],
)
def test_what_does_not_hold_fails_and_leaves_nothing(tmp_path, steps, words):
    name = f"f{os.getpid() % 100000}"
    played = play(write(tmp_path, f"lab: {{vems: 0}}\nsteps:\n  {steps}\n"), name)
    output = played.communicate(timeout=60)[0]
    assert played.returncode == 1 and words in output and "line 6" in output
    assert left_of(name) == ([], [], False)


def test_a_crash_and_an_unannounced_error_fail(tmp_path):
    name = f"c{os.getpid() % 100000}"
    steps = (
        "lab: {vems: 0}\nsteps:\n  - start: vsm-c\n"
        "  - expect: {node: vsm-b, log: ROLE_COLLISION, within: 6h}\n"
    )
    played = play(write(tmp_path, steps), name)
    output = played.communicate(timeout=60)[0]
    assert played.returncode == 1 and "an error that is not announced" in output
    assert left_of(name) == ([], [], False)


def test_a_daemon_that_crashed_is_shown(make_lab, lab_command):
    control = make_lab(start=True, vems=1)
    wait_for(lambda: control.node("vsm-a").ask("show clock"), 5, "an answer")
    os.kill(control.node("vsm-a").process(), signal.SIGSEGV)
    wait_for(lambda: control.node("vsm-a").state() == "crashed (signal 11)", 5, "the crash")
    shown = lab_command("status", "--name", control.lab.name).stdout
    assert "crashed (signal 11)" in shown and "vem-3" in shown
    control.start("vsm-a")
    assert control.node("vsm-a").state() == "running"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_scenario_leaves_nothing(tmp_path, lab_command, number):
    """By itself when it can still clean up, after `down` when it was killed."""
    name = f"i{os.getpid() % 100000}"
    path = write(
        tmp_path,
        "lab: {vems: 1}\nsteps:\n"
        "  - expect: {node: vsm-a, redundancy: Active, always_for: 5 min}\n",
    )
    played = play(path, name, start_new_session=True)
    node = Lab(name).node_folder("vem-3") / "pid"
    wait_for(node.exists, 20, "the lab to be up")
    os.killpg(played.pid, number)
    played.communicate(timeout=20)
    assert played.returncode != 0
    if number == signal.SIGKILL:
        assert left_of(name)[2]
        lab_command("down", "--name", name)
    assert left_of(name) == ([], [], False)


def test_two_pairs_side_by_side(make_lab):
    """The same names, addresses and domain twice: neither sees the other."""
    one, two = make_lab(start=True, vems=1), make_lab(start=True, vems=1)

    def is_ha(control):
        answer = control.node("vsm-a").ask("show system redundancy status")
        return answer and "Active with HA standby" in answer["output"]

    for control in (one, two):
        wait_for(lambda c=control: is_ha(c), 10, "the pair to be HA")
    one.kill("vsm-a")
    wait_for(lambda: one.node("vsm-b").held_addresses(), 5, "the takeover")
    assert is_ha(two) and not two.node("vsm-b").held_addresses()
