"""A daemon's control socket, played by a test: canned answers, and a record of what was asked."""

import json
import os
import socket
import threading

LINES = "".join(f"line {number}\n" for number in range(1, 61))
ANSWERS = {
    "show clock": ("18:59:17.250 UTC Tue Sep 11 2012\n", ""),
    "show lines": (LINES, ""),
    "show lines | no-more": (LINES, ""),
    "show foo": ("", "show foo\n     ^\n% Invalid command at '^' marker.\n"),
    "show m?": ("  module  Module information\n", ""),
    "show m\t": ("module\n", ""),
    "show \t": ("clock\nlines\nmodule\n", ""),
    "sh\t": ("show\n", ""),
    "show lines | include a?": ("", "this must never be asked for help\n"),
}
# What leads where: the modes of the configuration, as far as a shell must know them.
PLACES = {
    ("", "configure terminal"): "config",
    ("config", "interface control0"): "config/interface control0",
    ("config", "exit"): "",
    ("config", "end"): "",
    ("config/interface control0", "exit"): "config",
    ("config/interface control0", "end"): "",
}
WORDS = {"": "", "config": "(config)", "config/interface control0": "(config-if)"}


def event(number):
    return {
        "sequence": number,
        "time": "2026-11-21T10:31:00.123Z",
        "node": "vsm-a",
        "event": "module.online",
        "severity": 2,
        "message": f"%VEM_MGR-2-MOD_ONLINE: Module {number} is online",
        "fields": {"module": str(number)},
    }


class FakeDaemon:
    """Answers on DIRECTORY/control.sock until it is closed. Use as a context manager."""

    def __init__(self, directory, hostname="switch"):
        os.makedirs(directory)
        self.path = os.path.join(directory, "control.sock")
        self.hostname = hostname
        self.standby = ""
        self.asked = []
        self.modes = []
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(self.path)
        self._socket.listen(16)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        os.unlink(self.path)

    def commands(self):
        """What was asked besides the prompt."""
        with self._lock:
            return [command for command in self.asked if command]

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rw", encoding="utf-8") as stream:
                for line in stream:
                    request = json.loads(line)
                    if request.get("follow"):
                        self._follow(stream, request.get("since"))
                        break
                    stream.write(json.dumps(self._answer(request)) + "\n")
                    stream.flush()

    def _follow(self, stream, since):
        """Two events, or what is gone and two events; then it hangs up. Ends for good at 10."""
        with self._lock:
            self.asked.append(f"follow {since}")
        if since >= 10:
            lines = [{"exit": 2, "error": "% since 10 is ahead\u001b[2J"}]
        else:
            lines = [{"missed": [since + 1, since + 2]}] if since == 1 else []
            first = since + 2 * len(lines)
            lines += [{"event": event(number)} for number in (first + 1, first + 2)]
        for line in lines:
            stream.write(json.dumps(line) + "\n")
        stream.flush()

    def _answer(self, request):
        command, mode = request["command"], request["mode"]
        with self._lock:
            self.asked.append(command)
            self.modes.append(mode)
        if command == "become standby":
            self.standby = "(standby)"
        mode = PLACES.get((mode, command), mode)
        prompt = f"{self.hostname}{self.standby}{WORDS[mode]}# "
        output, error = ANSWERS.get(command, ("", ""))
        return {"exit": 1 if error else 0, "output": output, "error": error, "prompt": prompt,
                "mode": mode}
