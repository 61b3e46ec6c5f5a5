"""Labs for tests: each test that asks for one gets its own, and nothing of it is left."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "scripts"), str(SOURCE / "test")]
sys.dont_write_bytecode = True

from lab_tool.control import Control  # noqa: E402
from lab_tool.topology import Lab, Parameters  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("network namespaces need root", allow_module_level=True)


@pytest.fixture
def make_lab(request):
    """make_lab(vems=1, start=True, name=…, …): a lab that is up, as a Control."""
    made = []

    def make(start=False, name=None, **parameters):
        label = name or f"e{os.getpid() % 100000}-{len(made)}"
        control = Control(Lab(label))
        control.down()  # what an earlier run that was killed may have left
        made.append(control)
        control.up(Parameters(**parameters), start=start)
        return control

    yield make
    for control in made:
        control.down()


@pytest.fixture
def lab_command():
    """lab_command("up", "--name", "x"): scripts/lab as a user runs it."""

    def run(*arguments, check=True, **options):
        done = subprocess.run(
            [str(SOURCE / "scripts" / "lab"), *arguments], capture_output=True, text=True, **options
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run
