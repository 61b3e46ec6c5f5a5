"""An etcd of one member, and a PostgreSQL primary with a synchronous standby, as Debian installs
them and with their defaults, each asked over a connection that stays open."""

import base64
import http.client
import json
import os
import shutil
import subprocess
import time

ETCD_PORT, ETCD_PEER_PORT = 52379, 52380
POSTGRES = "/usr/lib/postgresql/15/bin"
PORTS = (55432, 55433)
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def _wait(condition, what):
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited 30 s for {what}")
        time.sleep(0.05)  # poll: the condition has a limit


class Etcd:
    def __init__(self, work):
        client, peer = (f"http://127.0.0.1:{port}" for port in (ETCD_PORT, ETCD_PEER_PORT))
        self._process = subprocess.Popen(
            ["etcd", "--data-dir", os.path.join(work, "etcd"), "--log-level", "error",
             "--listen-client-urls", client, "--advertise-client-urls", client,
             "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
             "--initial-cluster", f"default={peer}"],
            **QUIET,
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", ETCD_PORT, timeout=10)
        _wait(self._answers, "etcd")

    def _answers(self):
        try:
            self.change(0)
            return True
        except (OSError, RuntimeError, http.client.HTTPException):
            self._connection.close()
            return False

    def change(self, number):
        key, value = (base64.b64encode(text.encode()).decode() for text in ("name", f"h{number}"))
        self._connection.request("POST", "/v3/kv/put", json.dumps({"key": key, "value": value}))
        answer = self._connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"etcd answers {answer.status}")
        answer.read()

    def close(self):
        self._process.kill()
        self._process.wait()


class PostgresPair:
    """The answer to a commit comes when the standby has flushed it: synchronous_commit = on."""

    def __init__(self, work):
        self._folders = [os.path.join(work, name) for name in ("primary", "standby")]
        os.chmod(work, 0o755)
        for folder in self._folders:
            os.mkdir(folder, 0o700)
            shutil.chown(folder, "postgres")
        self._session = None
        self._run("initdb", "-D", self._folders[0], "-A", "trust")
        self._start(0)
        self._run("pg_basebackup", "-h", "127.0.0.1", "-p", PORTS[0], "-D", self._folders[1], "-R")
        self._start(1)
        self._sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._sql("SELECT pg_reload_conf()")
        self._sql("CREATE TABLE names (id int PRIMARY KEY, name text)")
        self._sql("INSERT INTO names VALUES (1, '')")
        _wait(self._is_synchronous, "the standby of PostgreSQL")
        self._session = subprocess.Popen(
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
             f"{POSTGRES}/psql", "-qAtX", "-h", "127.0.0.1", "-p", str(PORTS[0]), "postgres"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", text=True, bufsize=1,
        )

    @staticmethod
    def _command(program, *words):
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
                f"{POSTGRES}/{program}", *map(str, words)]

    def _run(self, program, *words):
        subprocess.run(self._command(program, *words), check=True, cwd="/", **QUIET)

    def _start(self, which):
        options = f"-p {PORTS[which]} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("pg_ctl", "-D", self._folders[which], "-w", "-o", options,
                  "-l", os.path.join(self._folders[which], "log"), "start")

    def _sql(self, text):
        return subprocess.run(
            self._command("psql", "-qAtX", "-h", "127.0.0.1", "-p", PORTS[0], "-c", text,
                          "postgres"),
            check=True, cwd="/", capture_output=True, text=True,
        ).stdout

    def _is_synchronous(self):
        return "sync" in self._sql("SELECT sync_state FROM pg_stat_replication")

    def change(self, number):
        self._session.stdin.write(
            f"UPDATE names SET name = 'h{number}' WHERE id = 1 RETURNING id;\n"
        )
        if self._session.stdout.readline().strip() != "1":
            raise RuntimeError("PostgreSQL did not commit")

    def close(self):
        if self._session:
            self._session.kill()
            self._session.wait()
        for folder in reversed(self._folders):
            subprocess.run(self._command("pg_ctl", "-D", folder, "-m", "immediate", "stop"),
                           cwd="/", check=False, **QUIET)
