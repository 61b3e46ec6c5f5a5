"""libha-dev: the example builds against the installed package, and fails over with its state."""
import os
import shutil
import subprocess

import pytest
from conftest import SOURCE, run
from lab_tool.control import Control
from lab_tool.nodes import wait_for
from lab_tool.topology import Lab, Parameters

PORT = 7000
# Connects to the counter of this host and prints the line that it gives.
CLIENT = f"""\
import socket
print(socket.create_connection(("::1", {PORT}), 5).recv(200).decode())
"""
LINKED = """\
#include <cstdio>
#include "libha/base/mac_address.hpp"
int main() { std::printf("%s\\n", ha::MacAddress{}.to_string().c_str()); }
"""


@pytest.fixture
def built(packages, make_system):
    """The example, built where only the package is: the sources are not there."""
    system = make_system("/")
    system.install(packages, "libha-dev")
    example = system.path("/root/example")
    shutil.copytree(SOURCE / "examples" / "ticket-office", example)
    system.run("cmake", "-S", "/root/example", "-B", "/root/example/build", "-G", "Ninja")
    system.run("cmake", "--build", "/root/example/build")
    return system


def test_a_program_is_built_with_pkg_config_alone(packages, make_system):
    system = make_system("/")
    system.install(packages, "libha-dev")
    system.path("/root/linked.cpp").write_text(LINKED)
    flags = "$(pkg-config --cflags --libs libha)"
    system.run("sh", "-c", f"cd /root && g++ -std=c++20 linked.cpp {flags} -o linked")
    assert system.run("/root/linked") == "00:00:00:00:00:00\n"


class Office:
    """The example on a node of a lab, with the node's configuration."""

    def __init__(self, control, name, program, folder):
        self.node, self.lab = control.node(name), control.lab
        self.name, self.program, self.log = name, program, folder / f"{name}.log"
        self.process = None

    def start(self):
        file = self.node.write_configuration()
        run(*self.lab.enter(self.name), "ip", "link", "set", "lo", "up")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.lab.enter(self.name), str(self.program), str(file), str(PORT)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def ask(self):
        """A number, or None when this host has none to give."""
        command = [*self.lab.enter(self.name), "/usr/bin/python3", "-c", CLIENT]
        said = run(*command, check=False).strip()
        return int(said) if said.isdigit() else None

    def kill(self):
        self.process.kill()
        self.process.wait(10)


def test_no_number_is_lost_or_given_twice_when_the_active_is_killed(built, tmp_path):
    """SVC-2, SYNC-2"""
    program = tmp_path / "ticket-office"
    shutil.copy2(built.path("/root/example/build/ticket-office"), program)
    control = Control(Lab(f"p{os.getpid() % 100000}"))
    control.down()
    control.up(Parameters(vems=0, multiplier=20), start=False)
    offices = [Office(control, name, program, tmp_path) for name in ("vsm-a", "vsm-b")]
    given = []

    def serves(office):
        def answered():
            number = office.ask()
            given.extend([] if number is None else [number])
            return number is not None

        wait_for(answered, 20, f"{office.name} to give a number")

    try:
        for office in offices:
            office.start()
        serves(offices[0])
        log = offices[1].log
        wait_for(lambda: "standby-ha" in log.read_text(), 20, "a standby that has everything")
        given += [offices[0].ask() for _ in range(20)]
        assert offices[1].ask() is None, "the standby gives numbers"
        offices[0].kill()
        serves(offices[1])
        offices[0].start()
        wait_for(
            lambda: offices[0].log.read_text().count("standby-ha") > 0, 20, "the other one back"
        )
        offices[1].kill()
        serves(offices[0])
    finally:
        for office in offices:
            if office.process and office.process.poll() is None:
                office.kill()
        control.down()
    assert given == sorted(set(given)) and len(given) >= 23, given
