"""The daemons as a service manager sees them: ready, a line of status, signs of life, refusals."""
import ctypes
import os
import signal
import socket
import struct
import subprocess
import time

import pytest
from lab_tool.nodes import wait_for
from test_vsmd import count, in_state, logged

WATCHDOG_SECONDS = 0.4
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207


class Manager:
    """The end of the socket that systemd would have, and what came there of each process."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind(str(path))
        self.messages = []  # (when, pid, fields)

    def heard(self, pid):
        """All that this process has said: [(when, {"STATUS": …})]"""
        while True:
            try:
                data, extra, _flags, _address = self.socket.recvmsg(8192, 64)
            except BlockingIOError:
                return [(when, fields) for when, sender, fields in self.messages if sender == pid]
            sender = struct.unpack("3i", extra[0][2])[0]
            fields = dict(line.split("=", 1) for line in data.decode().splitlines())
            self.messages.append((time.monotonic(), sender, fields))

    def statuses(self, pid):
        return [fields["STATUS"] for _when, fields in self.heard(pid) if "STATUS" in fields]

    def status(self, pid):
        return (self.statuses(pid) or [""])[-1]

    def times(self, pid, field):
        return [when for when, fields in self.heard(pid) if field in fields]

    def is_fed(self, pid, limit=5):
        """Waits for two more signs of life: the first may have been on its way."""
        before = len(self.times(pid, "WATCHDOG"))
        wait_for(lambda: len(self.times(pid, "WATCHDOG")) >= before + 2, limit, "signs of life")

    def fill(self):
        """Nobody can say anything more until the next look at what was said."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            sender.connect(self.socket.getsockname())
            with pytest.raises(BlockingIOError):
                while True:
                    sender.send(b"WATCHDOG=trigger")

    def hears_nothing(self, pid):
        """The watchdog would have bitten: it was fed at most once more in twice its interval."""
        before = len(self.times(pid, "WATCHDOG"))
        end = time.monotonic() + 2 * WATCHDOG_SECONDS
        wait_for(lambda: time.monotonic() > end, 5, "the interval of the watchdog to pass")
        return len(self.times(pid, "WATCHDOG")) - before <= 1


@pytest.fixture
def manager(tmp_path, monkeypatch):
    made = Manager(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", str(int(WATCHDOG_SECONDS * 1e6)))
    yield made
    made.socket.close()


class StoppedThread:
    """One thread of a process does not run, as if it hung; the others do."""

    def __init__(self, thread):
        self.thread = thread
        self.libc = ctypes.CDLL(None, use_errno=True)

    def _ptrace(self, request):
        zero = ctypes.c_void_p(0)
        assert self.libc.ptrace(request, self.thread, zero, zero) == 0, os.strerror(
            ctypes.get_errno()
        )

    def __enter__(self):
        self._ptrace(PTRACE_SEIZE)
        self._ptrace(PTRACE_INTERRUPT)
        os.waitpid(self.thread, 0x40000000)  # __WALL: any thread
        return self

    def __exit__(self, *_):
        self._ptrace(PTRACE_DETACH)


def thread_named(pid, name):
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="ascii") as file:
            if file.read().strip() == name:
                return int(task)
    raise AssertionError(f"no thread {name}")


def test_a_pair_is_ready_and_its_status_follows_its_state(make_lab, manager):
    control = make_lab(start=True, vems=0, multiplier=20)
    one, other = control.node("vsm-a"), control.node("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    a, b = one.process(), other.process()
    wait_for(
        lambda: manager.status(a) == "primary, active, peer ha-standby, mode HA"
        and manager.status(b) == "secondary, ha-standby, peer active, mode HA",
        3,
        "the status of both",
    )
    for pid in (a, b):
        assert len(manager.times(pid, "READY")) == 1
        manager.is_fed(pid)
    control.wires.cut("vsm-b", "control")
    wait_for(lambda: "mode HA, degraded: " in manager.status(a), 5, "degraded mode in the status")
    control.wires.heal("vsm-b", "control")
    wait_for(lambda: manager.status(a).endswith(" mode HA"), 5, "the status without it")
    one.stop()
    wait_for(lambda: manager.times(a, "STOPPING"), 3, "the goodbye")
    assert manager.status(a) == "stopping"
    wait_for(
        lambda: manager.status(b) == "secondary, active, no peer, mode None", 5, "the takeover"
    )


def test_a_service_manager_that_does_not_read_holds_nobody_up(make_lab, manager):
    """Its queue has room for ten messages; a takeover has to go on without it."""
    control = make_lab(start=True, vems=0, multiplier=20)
    one, other = control.node("vsm-a"), control.node("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    manager.fill()
    control.kill("vsm-a")
    in_state(other, "active-alone")
    wait_for(
        lambda: manager.status(other.process()) == "secondary, active, no peer, mode None",
        5,
        "what was owed",
    )


def test_a_module_says_whose_it_is(make_lab, manager):
    control = make_lab(start=True, vems=1)
    module = control.node("vem-3")
    pid = module.process()
    wait_for(
        lambda: manager.status(pid) == "module 3, attached, active supervisor 1 (primary)",
        5,
        "the status of the module",
    )
    assert len(manager.times(pid, "READY")) == 1
    manager.is_fed(pid)
    module.hang_up()
    wait_for(lambda: len(manager.times(pid, "READY")) == 2, 3, "the module to be ready again")
    for name in ("vsm-a", "vsm-b"):
        control.node(name).kill()
    wait_for(lambda: manager.status(pid).startswith("module 3, headless: no heartbeat"), 5, "that")
    module.stop()
    wait_for(lambda: manager.times(pid, "STOPPING"), 3, "the goodbye")


def alone(make_lab):
    """A supervisor that is active without a peer, and its process."""
    control = make_lab(vems=0)
    control.start("vsm-a")
    node = control.node("vsm-a")
    in_state(node, "active-alone")
    return node, node.process()


def test_reading_the_file_again_is_a_reload_that_says_what_waits(make_lab, manager):
    node, pid = alone(make_lab)
    node.write_configuration({"personality": "vsg", "storage": {"maximum_size_mib": 32}})
    node.hang_up()
    wait_for(lambda: len(manager.times(pid, "READY")) == 2, 3, "the end of the reload")
    assert len(manager.times(pid, "RELOADING")) == 1
    assert manager.status(pid).endswith("; changes of personality, storage wait for a reload")
    node.write_configuration({"colour": "red"})
    node.hang_up()
    wait_for(lambda: len(manager.times(pid, "READY")) == 3, 3, "the end of the second one")
    assert manager.status(pid).endswith("; the changed configuration is refused, see the log")
    logged(node, "colour: unknown key")
    # Another life in the same process is ready as well, and forgets what waited.
    node.write_configuration()
    node.ask("reload")
    wait_for(lambda: len(manager.times(pid, "READY")) == 4, 5, "the next life")
    assert any(line.startswith("restarts in place: ") for line in manager.statuses(pid))
    in_state(node, "active-alone")
    wait_for(lambda: manager.status(pid) == "primary, active, no peer, mode None", 3, "its status")
    manager.is_fed(pid)


def test_the_watchdog_is_not_fed_while_a_thread_hangs_or_the_process_is_stopped(make_lab, manager):
    node, pid = alone(make_lab)
    manager.is_fed(pid)
    for thread in (pid, thread_named(pid, "control-socket")):
        with StoppedThread(thread):
            assert manager.hears_nothing(pid), f"fed while thread {thread} of {pid} hung"
        manager.is_fed(pid)
    assert count(node, "the control socket made no progress for ") == 1
    node.freeze()
    assert manager.hears_nothing(pid)
    node.thaw()
    manager.is_fed(pid)


def refused(control, manager, node, *prefix):
    """What a daemon that does not start said, and its exit status."""
    binary = control._binary(node.name)  # pylint: disable=protected-access
    file = node.folder / f"{node.name}.yaml"
    with subprocess.Popen(
        [*control.lab.enter(node.name), *prefix, str(binary), str(file)], stderr=subprocess.DEVNULL
    ) as started:
        code = started.wait(20)
    said = [fields for _when, fields in manager.heard(started.pid)]
    assert not any("READY" in fields for fields in said)
    return code, said[-1]


@pytest.mark.parametrize("name", ["vsm-a", "vem-3"])
def test_a_daemon_that_does_not_start_says_why_in_its_status(make_lab, manager, name):
    control = make_lab(vems=1, key=True)
    node = control.node(name)
    node.write_configuration()
    code, said = refused(control, manager, node, "setpriv", "--bounding-set", "-net_raw")
    assert code == 1 and said["ERRNO"] == "1"
    assert said["STATUS"].startswith("the capability CAP_NET_RAW is missing")
    key = control.lab.folder / "key-1"
    key.chmod(0o644)
    code, said = refused(control, manager, node)
    assert code == 2 and "others may read or write it; correct with: chmod 0600" in said["STATUS"]
    key.chmod(0o600)
    node.write_configuration({"colour": "red", "shape": "round"})
    code, said = refused(control, manager, node)
    assert code == 2 and said["ERRNO"] == "22"
    assert "colour: unknown key" in said["STATUS"] and "(and 1 more" in said["STATUS"]
    node.write_configuration()
    control.start(name)
    wait_for(lambda: manager.times(node.process(), "READY"), 5, "the first one to run")
    code, said = refused(control, manager, node)
    assert code == 1 and "is running already" in said["STATUS"]


def test_hooks_do_not_hear_of_the_service_manager(make_lab, manager, tmp_path):
    control = make_lab(vems=0)
    out = tmp_path / "environment"
    hook = {"on": ["role.active"], "run": ["/bin/sh", "-c", f"env > {out}.new; mv {out}.new {out}"]}
    control.start("vsm-a", {"hooks": [hook]})
    wait_for(out.exists, 5, "the hook to run")
    assert "NOTIFY_SOCKET" not in out.read_text() and "WATCHDOG" not in out.read_text()
    os.kill(control.node("vsm-a").process(), signal.SIGTERM)
    del manager
