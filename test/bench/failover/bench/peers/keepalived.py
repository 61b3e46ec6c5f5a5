"""keepalived: VRRP version 3, the address on mgmt0, the protocol on control0."""

import os
import signal

from bench import lab as lab_module
from bench.peers import base
from bench.processes import Daemon

VRRP = 112
# Neighbouring priorities keep the skew, (256 - priority) / 256 of an interval, negligible.
PRIORITY = {"a": 254, "b": 253}

CONFIGURATION = """\
global_defs {{
    router_id {name}
    vrrp_version 3
    {priority_line}
}}
vrrp_instance bench {{
    state BACKUP
    interface control0
    virtual_router_id 51
    priority {priority}
    advert_int {interval_s:g}
    down_timer_adverts {multiplier}
    virtual_ipaddress {{
        {address}/{prefix} dev mgmt0
    }}
}}
"""


class Keepalived(base.Pair):
    name = "keepalived"
    lowest_interval_ms = 10  # VRRP counts in centiseconds

    def start_node(self, node):
        path = node.path("keepalived.conf")
        base.write(
            path,
            CONFIGURATION.format(
                name=node.name,
                priority=PRIORITY[node.letter],
                interval_s=self.interval_ms / 1000,
                multiplier=self.multiplier,
                priority_line=(
                    f"vrrp_rt_priority {self.realtime_priority}" if self.realtime_priority else ""
                ),
                address=lab_module.ADDRESS,
                prefix=lab_module.ADDRESS_PREFIX,
            ),
        )
        self.daemons[node.letter].append(
            Daemon(
                node,
                "keepalived",
                ["keepalived", "--dont-fork", "--log-console", "--vrrp", "-f", path],
            )
        )

    def crash(self):
        """SIGKILL to the process that speaks VRRP; its parent, which keepalived has for that case,
        may act."""
        os.kill(self.victims[0], signal.SIGKILL)

    def standby_ready(self):
        return "Entering BACKUP STATE" in self.daemons["b"][0].log()

    def is_heartbeat(self, frame):
        return frame.ip_protocol == VRRP

    def nominal_ms(self):
        return self.interval_ms * (self.multiplier + (256 - PRIORITY["b"]) / 256)

    @staticmethod
    def version():
        return base.first_line(["keepalived", "--version"])
