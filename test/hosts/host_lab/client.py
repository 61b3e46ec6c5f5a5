"""Somebody who changes the configuration all the time, on whichever supervisor takes it."""
import re
import threading

from .site import SUPERVISORS

PAUSE = 0.01  # seconds between changes
MODULE, PORTS = 60, 248  # of ports that no host has: nothing else happens to these lines


class Client:
    """Sets and remembers what was answered as done, until its `with` block ends."""

    def __init__(self, site):
        self.acknowledged = []
        self._site = site
        self._end = threading.Event()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def wait_for_more(self, count=20):
        """Until so many further changes were answered as done."""
        wanted = len(self.acknowledged) + count
        self._site.wait(lambda: len(self.acknowledged) >= wanted, f"{count} more changes")

    def lost(self, *names):
        """(supervisor, port) of acknowledged changes that one of these does not have."""
        with self._turn:  # no change is under way meanwhile
            shown = {
                name: self._site[name].run("vsmsh", "-i", "vsmd", "-c", "show running-config")
                for name in names
            }
            line = re.compile(r"^interface Ethernet(\d+/\d+)\n +shutdown$", re.M)
            found = {name: set(line.findall(text)) for name, text in shown.items()}
            return [
                (name, port)
                for name in names
                for port in self.acknowledged
                if port not in found[name]
            ]

    def _work(self):
        number, name = 0, SUPERVISORS[0]
        while not self._end.wait(PAUSE):
            port = f"{MODULE + number // PORTS}/{1 + number % PORTS}"
            with self._turn:
                if self._set(name, port):
                    self.acknowledged.append(port)
                    number += 1
                else:
                    name = next(other for other in SUPERVISORS if other != name)

    def _set(self, name, port):
        """`shutdown` of this port. What was not answered may be made or not: it is set again."""
        mode = "config"
        for line in (f"interface ethernet {port}", "shutdown"):
            answer = self._site[name].ask("vsmd", {"command": line, "width": 80, "mode": mode})
            if not answer or answer["exit"]:
                return False
            mode = answer["mode"]
        return True
