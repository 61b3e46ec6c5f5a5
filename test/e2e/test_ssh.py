"""vsmsh behind OpenSSH, as docs/operations/ssh.md tells: sessions and commands of two users.

The users exist only in a mount namespace with account files of its own, in which vsmd and sshd run.
"""
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from lab_tool.nodes import wait_for

SSHD = "/usr/sbin/sshd"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")
LIMIT = 20
# What an operator needs: the members of these groups, and what sshd runs for them.
ACCOUNTS = {
    "passwd": "alice:x:61001:61001::/:/bin/sh\nbob:x:61002:61002::/:/bin/sh\n",
    "group": "alice:x:61001:\nbob:x:61002:\n"
    "vsm-operator:x:61010:alice,bob\nvsm-admin:x:61011:bob\n",
    "shadow": "alice:*:19000:0:99999:7:::\nbob:*:19000:0:99999:7:::\n",
}
SSHD_CONFIG = """
ListenAddress 127.0.0.1:22
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/user_key.pub
StrictModes no
UsePAM no
Match Group vsm-operator
    ForceCommand exec {sh} --socket {socket} ${{SSH_ORIGINAL_COMMAND:+-c "$SSH_ORIGINAL_COMMAND"}}
    DisableForwarding yes
"""
INSIDE = """
for file in passwd group shadow; do mount --bind "$0/$file" "/etc/$file" || exit 1; done
mount --bind "$0/utmp" /run/utmp || exit 1
mount -t tmpfs none /var/log || exit 1
exec "$@"
"""


class Terminal:
    """An ssh client on a terminal of its own."""

    def __init__(self, words):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
            os.execvp(words[0], words)
        self.text = ""
        self.seen = 0

    def expect(self, wanted):
        """Waits for `wanted` behind what was expected before; returns what came before it."""
        deadline = time.monotonic() + LIMIT
        while self.text.find(wanted, self.seen) < 0:
            left = deadline - time.monotonic()
            rest = self.text[self.seen :]
            assert left > 0 and self.read(left), f"{wanted!r} never came; since then: {rest!r}"
        at = self.text.find(wanted, self.seen)
        before = self.text[self.seen : at]
        self.seen = at + len(wanted)
        return before

    def read(self, limit):
        if not select.select([self.master], [], [], limit)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.text += ESCAPES.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")
        return bool(data)

    def type(self, keys):
        os.write(self.master, keys.encode())

    def finish(self):
        """The exit status, once the client has ended by itself."""
        while self.read(LIMIT):
            pass
        os.close(self.master)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Host:
    """A namespace with vsmd, sshd and the users."""

    def __init__(self, control, folder):
        self.node = control.node("vsm-a")
        self.enter = control.lab.enter("vsm-a")
        self.folder = folder
        self.processes = []
        binary = Path(control._binary("vsm-a"))  # pylint: disable=protected-access
        built = binary.with_name("vsmsh")
        shell = shutil.copy(
            built if built.is_file() else binary.parents[1] / "vsmsh" / "vsmsh", folder / "shell"
        )
        for name, lines in ACCOUNTS.items():
            (folder / name).write_text(Path("/etc", name).read_text() + lines)
        for key in ("host_key", "user_key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True
            )
        config = SSHD_CONFIG.format(folder=folder, sh=shell, socket=self.node.socket_path)
        (folder / "sshd_config").write_text(config)
        (folder / "utmp").touch()  # the list of logins
        self.made = not os.path.exists("/run/sshd")
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self.listed = os.path.exists("/run/utmp")
        Path("/run/utmp").touch()
        subprocess.run([*self.enter, "ip", "link", "set", "lo", "up"], check=True)
        alone = {"setup": {"role": "standalone"}}
        self.start(
            # The group of the daemon is that of its socket.
            *("setpriv", "--regid", "61010", "--clear-groups"),
            *(str(binary), str(self.node.write_configuration(alone))),
        )
        self.start(SSHD, "-D", "-e", "-f", str(folder / "sshd_config"))

    def start(self, *words):
        inside = ("unshare", "--mount", "sh", "-c", INSIDE, str(self.folder))
        with open(self.folder / "log", "ab") as log:
            self.processes.append(
                subprocess.Popen(  # pylint: disable=consider-using-with
                    [*self.enter, *inside, *words], stderr=log, stdout=log, stdin=subprocess.DEVNULL
                )
            )

    def client(self, user, *words):
        return [
            *(*self.enter, "ssh", "-F", "none", "-i", str(self.folder / "user_key")),
            *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
            *("-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", f"{user}@127.0.0.1", *words),
        ]

    def run(self, user, command):
        return subprocess.run(
            self.client(user, command),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        if self.made:
            os.rmdir("/run/sshd")
        if not self.listed:
            os.unlink("/run/utmp")


@pytest.fixture
def host(make_lab):
    control = make_lab(start=False, vems=0)
    folder = Path(tempfile.mkdtemp(prefix="vsm-ha-ssh-"))
    folder.chmod(0o755)  # the users look into it
    one = Host(control, folder)
    try:
        wait_for(lambda: "Active" in one.run("alice", "show redundancy status").stdout, 30, "sshd")
        yield one
    finally:
        one.close()
        shutil.rmtree(folder)


def test_a_session_over_ssh_is_that_of_the_switch(host):
    terminal = Terminal(host.client("bob"))
    assert terminal.expect("switch# ") == "\n"
    terminal.type("show cli list\r")
    terminal.expect("--More--")
    terminal.type("q")
    terminal.expect("switch# ")
    terminal.type("terminal length 0\r")
    terminal.expect("switch# ")
    terminal.type("show cli list\r")
    assert "--More--" not in terminal.expect("switch# ")
    terminal.type("configure terminal\r")
    terminal.expect("switch(config)# ")
    terminal.type("hostname over-ssh\r")
    terminal.expect("over-ssh(config)# ")
    terminal.type("end\r")
    terminal.expect("over-ssh# ")
    terminal.type("show accounting log\r")
    shown = terminal.expect("over-ssh# ")
    entry = r"id=127\.0\.0\.1@pts/\d+:user=bob:cmd=configure terminal ; hostname over-ssh"
    assert re.search(entry, shown)
    terminal.type("exit\r")
    assert terminal.finish() == 0


def test_a_command_over_ssh_ends_with_its_status(host):
    done = host.run("alice", "show redundancy status | json")
    assert done.returncode == 0 and done.stdout.startswith('{"'), done
    assert not done.stderr
    done = host.run("alice", "show nonsense")
    assert done.returncode == 1 and "% Invalid command at '^' marker." in done.stderr
    # Whatever is asked for, it is a command of the switch.
    done = host.run("bob", "$(touch /tmp/vsm-ha-ssh-oops); id")
    assert done.returncode == 1 and "% Invalid command" in done.stderr
    assert not os.path.exists("/tmp/vsm-ha-ssh-oops")


def test_rights_are_those_of_the_user_who_logged_in(host):
    """SVC network-operator looks, network-admin changes."""
    for command in ("configure terminal", "reload", "copy running-config startup-config"):
        done = host.run("alice", command)
        assert done.returncode == 1
        assert done.stderr == "% Permission denied for the role\n"
    assert host.run("bob", "copy running-config startup-config").returncode == 0
    terminal = Terminal(host.client("alice"))
    terminal.expect("switch# ")
    terminal.type("configure terminal\r")
    terminal.expect("% Permission denied for the role\n")
    terminal.type("exit\r")
    assert terminal.finish() == 0
