"""An operator who changes the configuration all the time, and notes what was acknowledged."""
import re
import threading

from lab_tool.topology import LabError

from .faults import SUPERVISORS, internal_state

PREFIX = "soak-"
COUNTED = re.compile(rf"^hostname {PREFIX}(\d+)$", re.M)


class Client(threading.Thread):
    """Sets the host name to one number after the other on whichever supervisor is active; saves it.

    A change counts as kept by both once it was saved, which was acknowledged, and its supervisor
    still has an HA standby afterwards (BEHAVIOUR SYNC-2): no fault may undo it from then on. What
    nobody saved would be gone when both supervisors are down at once.
    """

    def __init__(self, control, pause_s=0.05):
        super().__init__(daemon=True)
        self._control = control
        self._pause_s = pause_s
        self._ended = threading.Event()
        self.asked = 0
        self.acknowledged = 0
        self.kept = 0  # the newest number that may not be lost

    def run(self):
        while not self._ended.wait(self._pause_s):
            for name in SUPERVISORS:
                node = self._control.node(name)
                if internal_state(node).startswith("Active"):
                    self._change(node)

    def _change(self, node):
        self.asked += 1
        number = self.asked
        answer = node.ask(f"hostname {PREFIX}{number}", timeout=35, mode="config")
        if not answer or answer["exit"] != 0:
            return
        self.acknowledged += 1
        saved = node.ask("copy running-config startup-config", timeout=35)
        if saved and saved["exit"] == 0 and internal_state(node) == "Active with HA standby":
            self.kept = number

    def close(self):
        self._ended.set()
        self.join()


def number_of(node):
    """The number that this supervisor's running configuration holds now, 0: none."""
    answer = node.ask("show running-config", timeout=10)
    if not answer or answer["exit"] != 0:
        raise LabError(f"{node.name} does not show its configuration: {answer}")
    found = COUNTED.search(answer["output"])
    return int(found[1]) if found else 0
