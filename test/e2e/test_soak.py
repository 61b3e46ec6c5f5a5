"""The soak that test/soak/run plays for hours, here for a round: that it sees what it must."""
import random

import pytest
from soak import resources
from soak.rounds import Soak, Violation


def grown(name, by):
    """The samples of a life of which one figure grows by so much each time."""
    life = resources.Life()
    for count in range(30):
        figures = {"memory_kib": 9000, "descriptors": 25, "threads": 11}
        figures[name] += by * count
        life.add(resources.Sample(**figures))
    return life


def test_a_round_leaves_a_whole_pair(make_lab):
    control = make_lab(start=True, vems=2, traffic=True, key=True, multiplier=10)
    soak = Soak(control, random.Random(1), 15)
    try:
        soak.begin()
        soak.round(first_half=True)
        soak.check_resources()
    finally:
        soak.end()
    assert "15 faults" in soak.figures()


def test_a_lost_change_is_seen(make_lab):
    control = make_lab(start=True, vems=2, traffic=True, multiplier=10)
    soak = Soak(control, random.Random(1), 0)
    try:
        soak.begin()
        soak.client.close()
        soak.client.kept = soak.client.asked + 1
        with pytest.raises(Violation, match="was acknowledged by both"):
            soak.round(first_half=True)
    finally:
        soak.end()


@pytest.mark.parametrize("name, by", [("memory_kib", 500), ("descriptors", 1), ("threads", 1)])
def test_what_grows_is_named(name, by):
    (found,) = grown(name, by).leaks()
    assert found.startswith(f"{name} grew from ")
    assert not grown(name, 0).leaks()
