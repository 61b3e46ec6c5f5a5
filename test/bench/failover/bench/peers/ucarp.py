"""ucarp: CARP on control0; its scripts put the address on mgmt0 and take it away.

ucarp reads frames through libpcap with a one-second buffer, so that below one second a healthy pair
already loses its master; it therefore always runs at 1 s and the reports say so.
"""

from bench import lab as lab_module
from bench.peers import base
from bench.processes import Daemon

CARP = 112
SCRIPT = "#!/bin/sh\nexec ip addr {verb} {address}/{prefix} dev mgmt0\n"


class Ucarp(base.Pair):
    name = "ucarp"
    lowest_interval_ms = 1000

    def start_node(self, node):
        for name, verb in (("up", "add"), ("down", "del")):
            base.write(
                node.path(name),
                SCRIPT.format(
                    verb=verb, address=lab_module.ADDRESS, prefix=lab_module.ADDRESS_PREFIX
                ),
                0o755,
            )
        self.daemons[node.letter].append(
            Daemon(
                node,
                "ucarp",
                self.with_priority(
                    [
                        "ucarp",
                        "--interface=control0",
                        f"--srcip={node.control_address}",
                        "--vhid=42",
                        "--pass=bench",
                        f"--addr={lab_module.ADDRESS}",
                        f"--upscript={node.path('up')}",
                        f"--downscript={node.path('down')}",
                        "--advbase=1",
                        f"--advskew={0 if node.letter == 'a' else 1}",
                        f"--deadratio={self.multiplier}",
                        "--neutral",
                        "--shutdown",
                    ]
                ),
            )
        )

    def standby_ready(self):
        return "Switching to state: BACKUP" in self.daemons["b"][0].log()

    def is_heartbeat(self, frame):
        return frame.ip_protocol == CARP

    def nominal_ms(self):
        return self.interval_ms * self.multiplier + 1000 / 256

    @staticmethod
    def version():
        return base.first_line(["ucarp", "--help"])
