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


def test_module_numbers_of_a_file_are_reserved(make_lab):
    """VEM-1: a pair that is set up anew gives its modules the numbers of the old one."""
    host, other = (f"{digit * 8}-0000-4000-8000-000000000001" for digit in "ab")
    control, operator = pair(make_lab)
    operator.run("vsm-a", "copy running-config x.cfg")
    file = stored(control, "vsm-a", "x.cfg")
    file.write_text(f"vem 7\n  host id {host}\nvem 9\n  host id {other}\n")
    assert operator.run("vsm-a", "copy x.cfg running-config") == BAR
    operator.run("vsm-a", "system switchover")
    for line in ("vem 7", f"host id {host}", "vem 9", f"host id {other}"):
        operator.wait("vsm-b", "show running-config", line)
    # One host cannot have two numbers, and then nothing of the file counts.
    file = stored(control, "vsm-b", "y.cfg")
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"no vem 9\nvem 4\n  host id {host}\nvem 5\n  host id {host}\n")
    answer = operator.run("vsm-b", "copy y.cfg running-config")
    assert f"Host {host} stands under vem 4 and under vem 5" in answer
    shown = operator.run("vsm-b", "show running-config")
    assert "vem 9" in shown and "vem 4" not in shown
    # Nor does a number go to a host while another one is there with it.
    control.start("vem-3")
    operator.wait("vsm-b", "show module", "Virtual Ethernet Module")
    file.write_text(f"hostname refused\nno vem 9\nvem 3\n  host id {host}\n")
    assert "is attached and belongs to host" in operator.run("vsm-b", "copy y.cfg running-config")
    shown = operator.run("vsm-b", "show running-config")
    assert "vem 9" in shown and "vem 7" in shown and "refused" not in shown
    file.write_text(f"no vem 9\nvem 4\n  host id {host}\n")
    assert operator.run("vsm-b", "copy y.cfg running-config") == BAR
    shown = operator.run("vsm-b", "show running-config")
    assert "vem 4" in shown and "vem 7" not in shown and "vem 9" not in shown


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
                "system switchover",
            )
        ) and all(f"system switchover ({result})" in log for result in ("SUCCESS", "FAILURE"))

    wait_for(is_complete, 10, "the accounting log")
