"""Random faults on a real pair with modules; when they end, one clean pair must come out.

VSM_HA_CHAOS_SEEDS="1-20" plays more than the few that the tests play.
"""
import os
import random
import time

import pytest
from lab_tool.binaries import binaries
from lab_tool.nodes import wait_for
from lab_tool.scenario import DEMO, SANITIZER, SEVERE
from lab_tool.scenario_file import load
from soak.faults import NODES, is_clean, one_fault

# Errors that belong to frozen and interrupted supervisors.
EXPECTED = {"ADDRESS_FAILED", "ADDRESS_EXPIRED"}


def seeds():
    first, _, last = os.environ.get("VSM_HA_CHAOS_SEEDS", "1-3").partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.mark.parametrize("seed", seeds())
def test_random_faults_end_in_one_clean_pair(make_lab, seed):
    rnd = random.Random(seed)
    control = make_lab(start=True, vems=2, key=seed % 2 == 0)
    wait_for(lambda: is_clean(control), 10, "the pair before the faults")
    story = []
    for _ in range(60):
        story.append(" ".join(one_fault(control, rnd)))
        pause = rnd.choice([0, 0.5, 1, 2, 4, 8]) * control.lab.parameters.h_ms / 1000
        time.sleep(pause)  # poll: the distance of faults is what varies
    control.mend()
    try:
        wait_for(lambda: is_clean(control), 10, "one clean pair")
    except Exception as error:
        logs = "\n".join(f"--- {n}\n" + "\n".join(control.node(n).log()[-15:]) for n in NODES)
        pytest.fail(f"seed {seed}: {error}\n{' / '.join(story[-15:])}\n{logs}")
    (demo,) = load([DEMO], binaries()["vsm-sim"])
    harmless = {*demo.harmless_errors, *EXPECTED}
    for name in NODES:
        for line in control.node(name).log():
            match = SEVERE.search(line)
            assert not (match and match.group(2) not in harmless), line
            assert not SANITIZER.search(line), line
