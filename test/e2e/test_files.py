"""Configurations as files, and the accounting log of commands that are no lines."""
from lab_tool.nodes import wait_for
from test_configuration import STATUS, pair

BAR = "[########################################] 100%\n"


def stored(control, node, name):
    return control.node(node).folder / "state" / "bootflash" / name


def test_a_configuration_goes_to_a_file_and_back(make_lab):
    """SYNC-2: both supervisors have what was loaded, and it is not saved by itself."""
    control, operator = pair(make_lab)
    operator.configure("vsm-a", "hostname first", "system inter-sup-heartbeat time 9")
    assert operator.run("vsm-a", "copy running-config bootflash:first.cfg") == BAR
    listed = operator.run("vsm-a", "dir")
    assert "  first.cfg\n" in listed and "bytes used" in listed
    assert "first.cfg" not in operator.run("vsm-b", "dir bootflash:")
    operator.configure("vsm-a", "hostname second", "no system inter-sup-heartbeat time")
    assert operator.run("vsm-a", "copy bootflash:first.cfg running-config") == BAR
    for node in ("vsm-a", "vsm-b"):
        operator.wait(node, "show running-config", "hostname first")
        operator.wait(node, "show running-config", "system inter-sup-heartbeat time 9")
    assert "+ hostname first" in operator.run("vsm-a", "show running-config diff")
    log = operator.run("vsm-a", "show accounting log")
    assert ":user=root:cmd=copy running-config bootflash:first.cfg (SUCCESS)" in log
    assert ":user=root:cmd=copy bootflash:first.cfg running-config (SUCCESS)" in log


def test_a_file_is_taken_whole_or_not_at_all(make_lab):
    """ANY-1: every wrong line is named, a newer version is refused, and nothing changes."""
    control, operator = pair(make_lab)
    operator.run("vsm-a", "copy running-config x.cfg")
    file = stored(control, "vsm-a", "x.cfg")
    before = operator.run("vsm-a", "show running-config | exclude Time")
    for text, errors in (
        ("hostname y\nhostname z z\nnonsense\n", ["% line 2: Invalid", "% line 3: Invalid"]),
        ("version 99.1\nhostname y\n", ["99.1, newer than this program's"]),
        ("interface mgmt0\n shutdown\ninterface control0\n shutdown\n", ["cannot both be shut"]),
        ("\0\xff", ["% line 1: Invalid character in column 1"]),
        ("hostname y\n" * 400_000, ["bootflash:x.cfg: "]),
    ):
        file.write_text(text, encoding="latin-1")
        answer = operator.run("vsm-a", "copy x.cfg running-config")
        for error in errors:
            assert error in answer, answer
        assert BAR not in answer
    assert "no such file" in operator.run("vsm-a", "copy bootflash:none running-config")
    assert "names no file" in operator.run("vsm-a", "copy ../state.mdb running-config")
    after = operator.run("vsm-a", "show running-config | exclude Time")
    assert after.replace("\n", "") == before.replace("\n", "")
    log = operator.run("vsm-a", "show accounting log")
    assert "cmd=copy bootflash:none running-config (FAILURE)" in log
    assert "only" in operator.run("vsm-b", "copy x.cfg running-config")


def test_commands_that_change_something_are_accounted_for(make_lab):
    """Also the one that ends the supervisor which was asked."""
    control, operator = pair(make_lab)
    operator.run("vsm-a", "clear system redundancy peer-mac")
    operator.run("vsm-a", "system redundancy role primary")
    operator.run("vsm-a", "reload")
    operator.wait("vsm-b", "show interface mgmt0", "Internet Address")
    operator.wait("vsm-b", STATUS, "Active with HA standby")
    operator.run("vsm-b", "system switchover")  # begins at once: no entry has to be kept first
    operator.wait("vsm-a", "show interface mgmt0", "Internet Address")
    control.kill("vsm-b")
    operator.wait("vsm-a", STATUS, "Active with no standby")
    assert "Failed to switchover" in operator.run("vsm-a", "system switchover")

    def is_complete():
        log = operator.run("vsm-a", "show accounting log")
        return all(
            f":user=root:cmd={command} (" in log
            for command in (
                "clear system redundancy peer-mac",
                "system redundancy role primary",
                "reload",
            )
        ) and "system switchover (FAILURE)" in log

    wait_for(is_complete, 10, "the accounting log")
