"""The switch's configuration on a real pair: typed in the shell, kept by both, saved and lost."""
import subprocess

from lab_tool.nodes import wait_for

STATUS = "show system redundancy status"


class Operator:
    """Runs vsmsh as a user does, one command line after the other."""

    def __init__(self, control):
        self.control = control
        shell = control._binary("vsm-a").with_name("vsmsh")  # pylint: disable=protected-access
        self.shell = shell if shell.exists() else shell.parents[1] / "vsmsh" / "vsmsh"

    def run(self, node, *commands):
        """What is printed, errors included; one session."""
        socket = self.control.node(node).socket_path
        done = subprocess.run(
            [str(self.shell), "--socket", str(socket)],
            input="".join(command + "\n" for command in commands),
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
        return done.stdout + done.stderr

    def configure(self, node, *lines):
        printed = self.run(node, "configure terminal", *lines)
        begin = "Enter configuration commands, one per line.  End with CNTL/Z.\n"
        assert printed == begin, printed

    def wait(self, node, command, words):
        wait_for(lambda: words in self.run(node, command), 10, f"{node}: {command}: {words}")


def pair(make_lab):
    control = make_lab(start=True, vems=0, multiplier=20)
    operator = Operator(control)
    operator.wait("vsm-a", STATUS, "Active with HA standby")
    operator.wait("vsm-b", STATUS, "HA standby")
    return control, operator


def test_unsaved_lines_are_unsaved_on_the_next_active(make_lab):
    """SYNC-2, SW-4: what was answered is there after kill -9, and still not saved."""
    control, operator = pair(make_lab)
    saved = operator.run("vsm-a", "copy running-config startup-config")
    assert saved == "[########################################] 100%\n"
    assert operator.run("vsm-a", "show running-config diff") == ""
    operator.configure("vsm-a", "hostname n1000v", "system inter-sup-heartbeat time 10")
    control.kill("vsm-a")
    operator.wait("vsm-b", STATUS, "Active with no standby")
    running = operator.run("vsm-b", "show running-config | grep heartbeat")
    assert running == "system inter-sup-heartbeat time 10\n"
    difference = operator.run("vsm-b", "show running-config diff")
    assert "! hostname n1000v" in difference
    assert "! system inter-sup-heartbeat time 10" in difference
    accounting = operator.run("vsm-b", "show accounting log")
    assert "user=root:cmd=configure terminal ; hostname n1000v (SUCCESS)" in accounting
    assert operator.run("vsm-b", "copy run start").endswith("100%\n")
    assert operator.run("vsm-b", "show running-config diff") == ""


def test_a_standby_shows_and_changes_nothing(make_lab):
    """SW-6: the configuration is the active's."""
    _, operator = pair(make_lab)
    operator.configure("vsm-a", "hostname n1000v")
    operator.wait("vsm-b", "show running-config", "hostname n1000v")
    refusal = "% The configuration is changed on the active supervisor only\n"
    for command in ("configure terminal", "write erase", "copy running-config startup-config"):
        assert operator.run("vsm-b", command) == refusal


def test_what_is_refused_changes_nothing(make_lab):
    """ANY-1: a caret, a reason, and the configuration as it was."""
    _, operator = pair(make_lab)
    before = operator.run("vsm-a", "show running-config | exclude Time")
    for lines, error in (
        (["system inter-sup-heartbeat time 31"], "range is (6:30) at '^' marker."),
        (["system inter-sup-heartbeat time"], "% Incomplete command at '^' marker."),
        (["svs-domain", "domain id 0"], "range is (1:4095) at '^' marker."),
        (["svs-domain", "svs mode L3"], "svs mode L3 is not supported"),
        (["hostname " + "x" * 64], "max length of (63)"),
        (["hostname " + "x" * 5000], "% Command line too long"),
        (["hostname caf\u00e9"], "% Invalid character in column"),
        (["shutdown"], "% Invalid command at '^' marker."),
    ):
        assert error in operator.run("vsm-a", "configure terminal", *lines)
    after = operator.run("vsm-a", "show running-config | exclude Time")
    assert after.replace("\n", "") == before.replace("\n", "")


def test_a_configured_name_is_in_prompt_and_log_and_outlives_a_signal(make_lab):
    control, operator = pair(make_lab)
    operator.configure("vsm-a", "hostname n1000v")
    one = control.node("vsm-a")
    one.hang_up()
    wait_for(lambda: "CONFIG_RELOADED" in "\n".join(one.log()), 5, "the file to be read again")
    assert one.ask("show module")["prompt"] == "n1000v# "
    (line,) = [line for line in one.log() if "CONFIG_RELOADED" in line]
    assert " n1000v %" in line


def test_a_reload_begins_with_what_was_saved(make_lab):
    """SW-4: the rest is gone with the supervisor that had it."""
    control = make_lab(start=False, vems=0)
    operator = Operator(control)
    control.start("vsm-a")
    operator.wait("vsm-a", STATUS, "Active with no standby")
    operator.configure("vsm-a", "hostname saved")
    operator.run("vsm-a", "copy running-config startup-config")
    operator.configure("vsm-a", "hostname lost")
    control.stop("vsm-a")
    control.start("vsm-a")
    operator.wait("vsm-a", STATUS, "Active with no standby")
    assert "hostname saved" in operator.run("vsm-a", "show running-config")
    operator.run("vsm-a", "write erase")
    assert operator.run("vsm-a", "show startup-config") == "No startup configuration\n"


def test_the_loser_of_a_split_brain_keeps_what_was_done_on_it(make_lab):
    """SB-4: both accounting logs are on both sides, over the loser's restart, until cleared."""
    control, operator = pair(make_lab)
    control.cut("vsm-a", "all")
    operator.wait("vsm-a", STATUS, "Active with no standby")
    operator.wait("vsm-b", STATUS, "Active with no standby")
    operator.configure("vsm-a", "hostname lost")
    operator.configure("vsm-b", "hostname kept")
    control.heal("vsm-a", "all")
    operator.wait("vsm-b", STATUS, "Active with HA standby")
    operator.wait("vsm-a", STATUS, "HA standby")
    show = "show system internal active-active "
    for node, own, other in (("vsm-a", "lost", "kept"), ("vsm-b", "kept", "lost")):
        mine = operator.run(node, show + "accounting logs")
        theirs = operator.run(node, show + "remote accounting logs")
        assert f"hostname {own} (SUCCESS)" in mine and f"hostname {other}" not in mine, mine
        assert f"hostname {other} (SUCCESS)" in theirs and f"hostname {own}" not in theirs, theirs
        assert "sup-1 restarts: older last configuration" in theirs, theirs
        assert "active-arbitrating" in operator.run(node, show + "redundancy traces")
        assert "active-arbitrating" in operator.run(node, show + "remote redundancy traces")
    assert operator.run("vsm-a", "clear active-active accounting logs") == ""
    operator.wait("vsm-a", show + "accounting logs", "Nothing: no split brain")
    control.kill("vsm-a")
    control.start("vsm-a")
    operator.wait("vsm-a", STATUS, "HA standby")
    assert "Nothing: no split brain" in operator.run("vsm-a", show + "accounting logs")
    assert "hostname kept (SUCCESS)" in operator.run("vsm-a", show + "remote accounting logs")


def test_the_console_of_the_standby_is_reached_from_the_active(make_lab):
    """SW-6: `attach module` shows what the standby's own console shows, and changes nothing."""
    control, operator = pair(make_lab)
    operator.configure("vsm-a", "hostname n1000v")
    operator.wait("vsm-b", "show running-config", "hostname n1000v")
    lines = ("show system redundancy status", "configure terminal", "copy run start", "show none")
    own = operator.run("vsm-b", *lines)
    assert "This supervisor (sup-2)" in own
    assert "% The configuration is changed on the active supervisor only" in own
    attached = operator.run("vsm-a", "attach module 2", *lines, "exit", "show clock")
    greeting = "Attaching to module 2 ...\nTo exit type 'exit'\n"
    for line in own.splitlines():
        assert line in attached, (line, attached)
    assert greeting in attached
    assert attached.count("UTC") > own.count("UTC"), "back on the active after exit"
    large = operator.run("vsm-a", "attach module 2", "show running-config | json", "show cli list")
    assert "attach module" in large
    for number, words in (
        (1, "% Module 1 is this supervisor: its console is this one"),
        (3, "% Module 3 is a VEM and has no console here"),
    ):
        assert operator.run("vsm-a", f"attach module {number}").startswith(words)
    assert "from the active supervisor only" in operator.run("vsm-b", "attach module 1")
    # What may be done there is done there: the standby reloads, and the session is told.
    operator.run("vsm-a", "attach module 2", "reload")
    operator.wait("vsm-b", "show logging logfile", "restarted")
    operator.wait("vsm-a", STATUS, "Active with HA standby")
    control.cut("vsm-b", "all")
    operator.wait("vsm-a", STATUS, "Active with no standby")
    refusal = operator.run("vsm-a", "attach module 2")
    assert refusal == "% Module 2 is not a standby that is ready; see show module\n"
