"""One module a peer, all behind the same face (base.Pair); `make` picks by name."""

from bench.peers import bfdd, keepalived, ucarp, vsm_ha

_PAIRS = {pair.name: pair for pair in (vsm_ha.VsmHa, keepalived.Keepalived, ucarp.Ucarp, bfdd.Bfdd)}


def make(name, lab, interval_ms, multiplier, realtime_priority=None):
    """A pair of the named peer on `lab`, not started."""
    return _PAIRS[name](lab, interval_ms, multiplier, realtime_priority)


def lowest_interval_ms(name):
    """The shortest heartbeat interval the named peer can run at."""
    return _PAIRS[name].lowest_interval_ms


def default_priority(name, interval_ms):
    """The real-time priority the named peer takes without being told."""
    return _PAIRS[name].default_priority(interval_ms)


def version(name):
    """What `name` says of its own version, one line."""
    return _PAIRS[name].version()
