"""What the benchmark of a pair computes: no root, no daemons."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bench import arguments, figures, prober  # noqa: E402


def test_percentiles_are_values_that_were_measured():
    values = [float(value) for value in range(100, 0, -1)]
    assert figures.summary(values) == {"count": 100, "p50": 50.0, "p99": 99.0, "max": 100.0}
    assert figures.summary([3.5])["p99"] == 3.5


@pytest.mark.parametrize(
    "words",
    [["--only", "nothing"], ["--rounds", "0"], ["--timers", "x"], ["--with", "mysql"],
     ["--beside", "/nowhere"]],
)
def test_wrong_words_are_refused(words, capsys):
    with pytest.raises(SystemExit) as end:
        arguments.parse(words)
    assert end.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_subjects_beside_changes_are_chosen(tmp_path):
    assert arguments.parse([]).subjects == list(arguments.SUBJECTS)
    assert arguments.parse(["--with", "fsync,memory"]).subjects == ["fsync", "memory"]
    assert arguments.parse(["--with", ""]).subjects == []
    daemon = tmp_path / "vsmd"
    daemon.touch(mode=0o755)
    assert arguments.parse(["--beside", str(tmp_path)]).beside == str(tmp_path)


def test_a_request_has_the_checksum_of_its_bytes():
    assert prober.checksum(prober.request(7)) == 0
