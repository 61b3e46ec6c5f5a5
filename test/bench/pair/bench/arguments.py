"""The command line, judged before anything is touched. Exit status 2: wrong usage, 3: help."""

import argparse
import os
import sys

STAGES = ("sync", "switchover", "change")
SUBJECTS = ("fsync", "two-fsyncs", "memory", "etcd", "postgresql")


def _number(low, high):
    def read(text):
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is out of range ({low}..{high})")
        return value

    return read


def _words_of(known):
    def read(text):
        words = [word for word in text.split(",") if word]
        for word in words:
            if word not in known:
                raise argparse.ArgumentTypeError(f"'{word}' is none of {', '.join(known)}")
        return words

    return read


def _daemons(text):
    for path in (os.path.join(text, "daemons", "vsmd", "vsmd"), os.path.join(text, "vsmd")):
        if os.access(path, os.X_OK):
            return text
    raise argparse.ArgumentTypeError(f"there is no vsmd in '{text}'")


def parse(words):
    parser = argparse.ArgumentParser(prog="test/bench/pair/run", description=__doc__.split(".")[0])
    parser.add_argument("--only", type=_words_of(STAGES), default=list(STAGES),
                        metavar="STAGE,…")
    parser.add_argument("--rounds", type=_number(1, 10000), default=200,
                        help="switchovers, and changes of each kind (200)")
    parser.add_argument("--syncs", type=_number(1, 100), default=5, help="fresh standbys (5)")
    parser.add_argument("--records", type=_number(1, 1000000), default=100000)
    parser.add_argument("--bytes", type=_number(1, 65536), default=1024, help="of a record (1024)")
    parser.add_argument("--timers", choices=("fast", "nx-os"), default="nx-os")
    parser.add_argument("--with", type=_words_of(SUBJECTS), default=list(SUBJECTS), dest="subjects",
                        metavar="SUBJECT,…", help="beside changes: " + ",".join(SUBJECTS))
    parser.add_argument("--beside", type=_daemons, metavar="DIRECTORY",
                        help="changes: the daemons found there as well, in turn")
    parser.add_argument("--output", help="all figures as JSON")
    return parser.parse_args(words)


if __name__ == "__main__":
    try:
        parse(sys.argv[1:])
    except SystemExit as end:
        sys.exit(3 if end.code == 0 else 2)
