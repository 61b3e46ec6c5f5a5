"""The tour of the README: what a newcomer types, and that each step shows what it promises."""
from lab_tool.nodes import wait_for


def test_the_tour_of_the_readme(make_lab, lab_command):
    control = make_lab(vems=2, start=True)
    name = ["--name", control.lab.name]

    def says(node, command, words):
        def found():
            done = lab_command("sh", *name, node, *command.split(), check=False)
            return words in done.stdout

        wait_for(found, 15, f"{node}: {command}: {words}", interval=0.1)

    def status():
        return lab_command("status", *name).stdout

    wait_for(lambda: "HA standby" in status(), 15, "the standby to be ready", interval=0.1)
    assert "attached to sup-1 as module 3" in status()
    says("vsm-a", "show system redundancy status", "Active with HA standby")
    says("vsm-a", "show module", "ha-standby")
    done = lab_command("sh", *name, "vsm-a", "show system redundancy status | json")
    assert '"this_sup_internal_state":"Active with HA standby"' in done.stdout

    lab_command("cut", *name, "vsm-b", "control")
    says("vsm-a", "show system internal redundancy trace", "no response on control")
    says("vsm-b", "show system redundancy status", "Standby")
    lab_command("cut", *name, "vsm-b", "mgmt")
    wait_for(lambda: status().count("Active with no standby") == 2, 15, "two actives", interval=0.1)
    lab_command("heal", *name, "vsm-b", "all")
    wait_for(lambda: "HA standby" in status(), 30, "one of them to come back", interval=0.1)

    lab_command("kill", *name, "vsm-a")
    says("vsm-b", "show module | include active", "2    0 ")
    says("vsm-b", "show logging last 20", "Switchover completed.")
    lab_command("start", *name, "vsm-a")
    says("vsm-b", "show system redundancy status", "Active with HA standby")


def test_the_shell_reads_commands_from_a_pipe(make_lab, lab_command):
    control = make_lab(vems=0, start=True)
    name = ["--name", control.lab.name]
    done = lab_command("sh", *name, "vsm-a", input="show clock\nshow version\n")
    assert "Software" in done.stdout
    done = lab_command("sh", *name, "vsm-a", input="nonsense\n", check=False)
    assert done.returncode == 1 and "% Invalid command at '^' marker." in done.stderr
