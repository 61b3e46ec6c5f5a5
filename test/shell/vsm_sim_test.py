"""Drives vsm-sim as a user does: its command line, scenario files that are read, and the replay of
journals good and bad.

usage: vsm_sim_test.py VSM_SIM [unittest arguments]
"""

import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

VSM_SIM = ""
HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = os.path.join(HERE, "..", "scenarios")
KEPT = os.path.join(HERE, "..", "journal")
NODES = ("vsm-a", "vsm-b")


def run(*arguments):
    return subprocess.run(
        [VSM_SIM, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def content(path):
    with open(path, "rb") as file:
        return file.read()


def kept(node):
    return content(os.path.join(KEPT, f"{node}.journal"))


def split(journal):
    """The bodies of the records, read as docs/journal.md describes them."""
    bodies = []
    at = 0
    while at < len(journal):
        assert journal[at : at + 2] == b"\x82\x5a"
        (size,) = struct.unpack(">I", journal[at + 2 : at + 6])
        body = journal[at + 6 : at + 6 + size]
        assert journal[at + 6 + size : at + 11 + size] == b"\x1a" + struct.pack(
            ">I", zlib.crc32(body)
        )
        bodies.append(body)
        at += size + 11
    return bodies


def join(bodies):
    return b"".join(
        b"\x82\x5a" + struct.pack(">I", len(body)) + body + b"\x1a"
        + struct.pack(">I", zlib.crc32(body))
        for body in bodies
    )


def replay(journal, *options):
    with tempfile.NamedTemporaryFile(suffix=".journal") as file:
        file.write(journal)
        file.flush()
        done = run("replay", *options, file.name)
        done.stderr = done.stderr.replace(file.name, "FILE")
        return done


class CommandLine(unittest.TestCase):
    def test_help_lists_every_verb_and_each_has_its_own(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        verbs = [line.split()[0] for line in done.stdout.splitlines() if line[:3].strip(" -")
                 and line.startswith("  ")]
        self.assertIn("replay", verbs)
        for verb in verbs:
            for words in ((verb, "--help"), ("help", verb)):
                done = run(*words)
                self.assertEqual(done.returncode, 0)
                self.assertTrue(done.stdout.startswith(f"Usage: vsm-sim {verb}"), done.stdout)

    def test_wrong_usage_is_told_with_a_hint(self):
        for words, text in (
            ((), "a verb is missing"),
            (("dance",), "unknown verb 'dance'"),
            (("--dance",), "unknown option '--dance'"),
            (("help", "dance"), "unknown verb 'dance'"),
            (("replay",), "name one"),
            (("replay", "a", "b"), "name one"),
            (("replay", "--dance", "a"), "unknown option '--dance'"),
            (("replay", "--print", "--print", "a"), "option '--print' is given twice"),
            (("replay", "--print=yes", "a"), "option '--print' takes no value"),
            (("expand",), "name one scenario file or more"),
            (("expand", "--timers"), "option '--timers' needs a value"),
            (("expand", "--timers", "slow", "a"), "timers are 'slow', but must be fast or nx-os"),
        ):
            done = run(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(text, done.stderr)
            self.assertIn("--help", done.stderr)
            self.assertEqual(done.stdout, "")

    def test_what_follows_two_dashes_is_a_file(self):
        done = run("replay", "--", "--help")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--help: No such file or directory", done.stderr)


class Expand(unittest.TestCase):
    def test_each_file_is_a_line_of_json_with_the_timers_asked_for(self):
        files = [os.path.join(SCENARIOS, name) for name in ("hb-3-degraded.yaml", "net-vlan.yaml")]
        for options, interval in (((), 150), (("--timers", "nx-os"), 15_000)):
            done = run("expand", *options, *files)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            documents = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([one["name"] for one in documents], ["hb-3-degraded", "net-vlan"])
            self.assertEqual(documents[0]["lab"]["loss_interval_ms"], interval)
            self.assertEqual(documents[0]["steps"][0]["verb"], "cut")

    def test_all_mistakes_of_all_files_are_told_and_nothing_is_printed(self):
        good = os.path.join(SCENARIOS, "hb-3-degraded.yaml")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("description: One. Two.\ntags: [HB-3]\n")
            file.write("steps:\n  - kill: vsm-1\n  - nap: 1\n")
            file.flush()
            done = run("expand", good, file.name, "/nonexistent.yaml")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            told = done.stderr.splitlines()
            self.assertEqual(len(told), 3, told)
            self.assertTrue(told[0].startswith(f"{file.name}:4: steps[0].kill: 'vsm-1' is no node"))
            self.assertTrue(told[1].startswith(f"{file.name}:5: steps[1].nap: unknown key"))
            self.assertEqual(told[2], "/nonexistent.yaml: No such file or directory")


class Replay(unittest.TestCase):
    def test_a_number_is_a_seed_and_its_story_is_always_the_same(self):
        done = run("replay", "74129")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("active-alone -> active-syncing", done.stdout)
        self.assertTrue(done.stdout.endswith("Seed 74129: every invariant held.\n"))
        self.assertEqual(run("replay", "74129").stdout, done.stdout)
        self.assertGreater(len(run("replay", "--print", "74129").stdout), len(done.stdout))
        done = run("replay", "4294967296")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the seed", done.stderr)

    def test_the_kept_journals_replay_identically(self):
        """When behaviour was changed on purpose: test/journal/record records them anew."""
        for node in NODES:
            done = run("replay", os.path.join(KEPT, f"{node}.journal"))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"\nIdentical: [23] lives, \d+ inputs, \d+ effects")

    def test_printed_it_tells_the_story_but_not_the_key(self):
        text = "".join(run("replay", "--print", os.path.join(KEPT, f"{n}.journal")).stdout
                       for n in NODES)
        for words in ("hello primary #1 ", "heartbeat-response secondary", "module-hello module",
                      "sealed (waited", "send mgmt ", "hold address", "stop requested\n",
                      "clear peer MAC requested\n", "split brain", "-> active-alone on peer-lost",
                      "restart: reload requested\n", "keys 1 stored: identity/boots="):
            self.assertIn(words, text)
        self.assertNotIn("5f5f", text)

    def test_a_journal_that_is_cut_is_replayed_up_to_there(self):
        journal = kept("vsm-b")
        sizes = [len(body) + 11 for body in split(journal)]
        for cut in (sizes[0] + 1, len(journal) // 2, len(journal) - 1):
            done = replay(journal[:cut])
            self.assertEqual(done.returncode, 0)
            self.assertIn("The file ends in the middle of record ", done.stdout)
            self.assertIn("Identical: ", done.stdout)
        for cut in (0, 1, sizes[0] - 1):
            done = replay(journal[:cut])
            self.assertEqual(done.returncode, 2)
            self.assertIn("FILE: no life is recorded in it", done.stderr)

    def test_damage_is_told_with_record_and_byte_and_never_taken_for_another_run(self):
        journal = kept("vsm-b")
        numbers = random.Random(20261121)
        told = 0
        for _ in range(150):
            spoiled = bytearray(journal)
            at = numbers.randrange(len(journal))
            spoiled[at] ^= 1 << numbers.randrange(8)
            done = replay(bytes(spoiled))
            self.assertIn(done.returncode, (0, 2), f"byte {at}: {done}")
            if done.returncode == 0:  # a longer length: as if the record was not all there
                self.assertIn("The file ends in the middle of record ", done.stdout)
            else:
                self.assertRegex(done.stderr, r"FILE: (record \d+, byte \d+: |not a journal)")
                told += 1
        self.assertGreater(told, 140)

    def test_another_effect_is_a_difference_with_both_in_words(self):
        bodies = split(kept("vsm-a"))
        number = next(i for i, body in enumerate(bodies) if body.count(b"jsend_frame") >= 1)
        # A bit of the incarnation in the first payload that was sent; it is sealed over.
        at = bodies[number].index(b"gpayload", bodies[number].index(b"jsend_frame")) + 8 + 20
        body = bytearray(bodies[number])
        body[at] ^= 1
        done = replay(join(bodies[:number] + [bytes(body)] + bodies[number + 1 :]))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, rf"\nDIFFERENT at record {number + 1}, life 1, ")
        for label in ("input:    ", "recorded: send control ", "given:    send control "):
            self.assertIn(label, done.stdout)
        self.assertNotIn("Identical", done.stdout)

    def test_a_missing_and_an_extra_input_are_differences(self):
        bodies = split(kept("vsm-a"))
        for changed in (bodies[:20] + bodies[21:], bodies[:20] + [bodies[1]] + bodies[20:]):
            self.assertEqual(replay(join(changed)).returncode, 1)

    def test_what_the_simulator_records_replays_and_is_the_same_each_time(self):
        story = os.path.join(KEPT, "story.yaml")
        with tempfile.TemporaryDirectory() as folder:
            runs = []
            for name in ("one", "two"):
                done = run("run", "--journals", os.path.join(folder, name), story)
                self.assertEqual(done.returncode, 0, done.stdout)
                paths = [os.path.join(folder, name, "story", f"{n}.journal") for n in NODES]
                for path in paths:
                    self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
                    self.assertIn("Identical: ", run("replay", path).stdout)
                runs.append([content(path) for path in paths])
            self.assertEqual(*runs)
            done = run("run", "--journals", "/dev/null", story)
            self.assertEqual(done.returncode, 2)
            self.assertIn("/dev/null/story/vsm-a.journal cannot be written", done.stderr)

    def test_what_is_newer_or_no_journal_or_out_of_order_is_refused(self):
        bodies = split(kept("vsm-a"))
        newer = bodies[0].replace(b"gversion\x03", b"gversion\x04")
        done = replay(join([newer]))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"record 1, byte \d+: version: 4, but this program reads")
        done = replay(b'{"format": "else"}')
        self.assertEqual(done.returncode, 2)
        self.assertIn("FILE: not a journal of vsmd", done.stderr)
        done = replay(join(bodies[1:]))
        self.assertEqual(done.returncode, 2)
        self.assertIn("FILE: record 1: a step that belongs to no life", done.stderr)
        self.assertEqual(run("replay", "/nonexistent").returncode, 2)
        self.assertEqual(run("replay", "/").returncode, 2)


if __name__ == "__main__":
    VSM_SIM = sys.argv.pop(1)
    unittest.main()
