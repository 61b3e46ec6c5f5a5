"""What is printed while a scenario plays: what was done, what was observed, after how long,
and the bound it had to keep."""
import sys
import time


def show(seconds):
    """0.123 s below ten seconds, 12.3 s above."""
    return f"{seconds:.3f} s" if seconds < 10 else f"{seconds:.1f} s"


class Timeline:
    def __init__(self, out=None):
        self._out = out or sys.stdout
        self._begun = time.monotonic()
        self._tty = self._out.isatty()

    def _print(self, text):
        print(text, file=self._out, flush=True)

    def _mark(self, good):
        word = "ok  " if good else "FAIL"
        if not self._tty:
            return word
        return f"\033[3{'2' if good else '1'}m{word}\033[0m"

    def elapsed(self):
        return time.monotonic() - self._begun

    def title(self, name, tags, description, units, slack):
        self._print(f"{name}  [{' '.join(tags)}]")
        self._print(f"  {description}")
        self._print(
            f"  h = {show(units['h'])}, T = {show(units['T'])}; "
            f"to observe something may take {show(slack)} more."
        )

    def heading(self, text):
        self._print(f"\n{text}" if text else "")

    def action(self, text):
        self._print(f"  {self.elapsed():9.3f} s   do    {text}")

    def observed(self, good, text, after, bound):
        """`after` and `bound` stand at the right, below the text where that is long."""
        if after is not None and len(text) > 58:
            self._print(f"  {self.elapsed():9.3f} s   {self._mark(good)}  {text}")
            text = ""
            start = f"  {'':9}       {'':4}  "
        else:
            start = f"  {self.elapsed():9.3f} s   {self._mark(good)}  "
        if after is not None:
            text = f"{text:58}  after {show(after):>8}   expected {bound}"
        self._print(start + text)

    def detail(self, text):
        for line in text.splitlines():
            self._print(f"  {'':13} | {line}")

    def skipped(self, name, reason):
        self._print(f"SKIP {name}: {reason}")

    def verdict(self, good, name, steps, reason=""):
        word = "PASS" if good else "FAIL"
        if self._tty:
            word = f"\033[1;3{'2' if good else '1'}m{word}\033[0m"
        self._print(
            f"{word} {name}: {steps} steps, {self.elapsed():.1f} s{': ' + reason if reason else ''}"
        )
