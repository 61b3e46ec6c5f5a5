#!/usr/bin/python3
"""Reads captures of what the codec makes with tshark and scripts/wireshark/vsm_ha.lua and compares
every field with what was put in; damaged frames must not make the script fail; every filter that
docs/wire-format.md names must exist. Exit status 77 (skipped) without tshark."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/wireshark/vsm_ha.lua"
SAMPLES = None  # the program that writes the captures, from the command line


def tshark(*arguments):
    done = subprocess.run(
        ["tshark", *arguments, "-X", f"lua_script:{SCRIPT}"],
        capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise AssertionError(f"tshark {' '.join(arguments)} failed: {done.stderr}")
    return done.stdout


def known_filters():
    """Every field of the dissector."""
    fields = set()
    for line in tshark("-G", "fields").splitlines():
        columns = line.split("\t")
        if columns[0] == "F" and columns[2].startswith("vsmha."):
            fields.add(columns[2])
    return fields


def plain(text):
    """A value as tshark prints it, as the samples have it."""
    if text in ("True", "False"):
        return int(text == "True")
    if re.fullmatch(r"0x[0-9a-f]+", text):
        return int(text, 16)
    return int(text) if text.isdigit() else text


class Dissector(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.whole = f"{cls.folder.name}/whole.pcap"
        cls.damaged = f"{cls.folder.name}/damaged.pcap"
        made = subprocess.run([SAMPLES, "whole", cls.whole], capture_output=True, check=True)
        cls.expected = json.loads(made.stdout)
        subprocess.run([SAMPLES, "damaged", cls.damaged], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def read(self, capture, filters):
        arguments = ["-r", capture, "-T", "fields", "-E", "separator=\t", "-E", "aggregator=|"]
        for name in filters:
            arguments += ["-e", name]
        for line in tshark(*arguments).splitlines():
            values = {}
            for name, text in zip(filters, line.split("\t")):
                if text:
                    values[name] = [plain(part) for part in text.split("|")]
            yield values

    def test_every_field_of_every_type_reads_as_written(self):
        filters = sorted({name for expected in self.expected for name in expected})
        seen = set()
        rows = list(self.read(self.whole, filters))
        self.assertEqual(len(rows), len(self.expected))
        for number, (row, expected) in enumerate(zip(rows, self.expected), start=1):
            seen.add(expected["vsmha.type"][0])
            with self.subTest(frame=number, type=expected["vsmha.type"][0]):
                self.assertEqual(row, expected)
        self.assertEqual(seen, set(range(1, 17)))
        never_read = known_filters() - set(filters)
        self.assertEqual(never_read, {
            "vsmha.tlv", "vsmha.tlv.type", "vsmha.tlv.length", "vsmha.tlv.value",
            "vsmha.seal.proof", "vsmha.padding",
            "vsmha.bad_magic", "vsmha.unsupported_version", "vsmha.truncated",
            "vsmha.bad_tlv_length", "vsmha.reserved_bits"})

    def test_whole_frames_raise_no_complaint(self):
        complaints = tshark("-r", self.whole, "-Y", "_ws.expert || _ws.malformed || _ws.lua.error")
        self.assertEqual(complaints, "")

    def test_damaged_frames_are_marked_and_never_break_the_script(self):
        output = tshark("-r", self.damaged, "-V")
        self.assertNotIn("Lua Error", output)
        self.assertNotIn("Malformed Packet", output)
        for mark in ("bad_magic", "unsupported_version", "truncated", "bad_tlv_length",
                     "reserved_bits"):
            with self.subTest(mark=mark):
                self.assertNotEqual(tshark("-r", self.damaged, "-Y", f"vsmha.{mark}"), "")

    def test_filters_by_name_find_their_frames(self):
        for expression, types in {
                "vsmha.type == 1": {1},
                "vsmha.state == 3 && vsmha.flags.peer_present == 1": {1, 2, 3, 4},
                "vsmha.host_name == \"host-3\"": {7},
                "vsmha.seal.key == 7 && vsmha.type == 11": {11}}.items():
            lines = tshark("-r", self.whole, "-Y", expression, "-T", "fields", "-e", "vsmha.type")
            with self.subTest(expression=expression):
                self.assertEqual({int(line) for line in lines.split()}, types)

    def test_one_line_names_type_and_sender(self):
        lines = tshark("-r", self.whole, "-Y", "vsmha.type == 2").splitlines()
        self.assertIn("VSM-HA", lines[0])
        self.assertIn("heartbeat-request from secondary (slot 2), domain 100, sequence 42",
                      lines[0])

    def test_another_ethertype_is_a_preference(self):
        off = tshark("-o", "vsmha.ethertype:34998", "-r", self.whole, "-Y", "vsmha")
        self.assertEqual(off, "")

    def test_the_documented_filters_are_the_dissectors(self):
        page = (ROOT / "docs/wire-format.md").read_text()
        documented = set(re.findall(r"`(vsmha(?:\.[a-z0-9_]+)+)`", page))
        known = known_filters()
        self.assertEqual(documented - known, set())
        undocumented = known - documented
        self.assertEqual(undocumented, {
            "vsmha.tlv", "vsmha.tlv.value", "vsmha.padding",
            "vsmha.bad_magic", "vsmha.unsupported_version", "vsmha.truncated",
            "vsmha.bad_tlv_length", "vsmha.reserved_bits"})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: dissector_test.py PATH-OF-wire-samples")
    SAMPLES = sys.argv.pop(1)
    if shutil.which("tshark") is None:
        print("SKIPPED: tshark is not installed (apt-get install tshark); "
              "the dissector was NOT tested")
        sys.exit(77)
    unittest.main()
