"""Applies one mutation at a time to a copy of the tree, runs the tests that guard it, and prints what turned red."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time


def main(rows):
    """Runs the rows that are named on the command line, or all; ends with 1 when one is not caught."""
    if sys.argv[1:] == ["--check"]:
        check(rows)
    names = sys.argv[1:]
    known = [row[0] for row in rows]
    twice = {name for name in known if known.count(name) > 1}
    unknown = set(names) - set(known)
    if twice or unknown:
        sys.exit(f"no such mutation, or more than one: {', '.join(sorted(twice | unknown))}")
    rows = [row for row in rows if not names or row[0] in names]
    # What is built for one row serves the next of the same crate.
    rows.sort(key=lambda row: crate(row[2]))
    root = subprocess.run(["git", "rev-parse", "--show-toplevel"], check=True, capture_output=True, text=True).stdout.strip()
    target = os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(root, "target")))
    environment = dict(os.environ, CARGO_TARGET_DIR=os.path.join(target, "mutants"), RUST_BACKTRACE="0")
    start, bad = time.monotonic(), []
    width = max(len(row[0]) for row in rows)
    promises = max(len(row[1]) for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "tree")
        copy_tree(root, copy)
        print(f"{'':7} {'mutation':<{width}} {'promise':<{promises}} {'time':>6}  what turned red", flush=True)
        for number, row in enumerate(rows, 1):
            began = time.monotonic()
            verdict, caught = try_one(copy, environment, row)
            if not caught:
                bad.append(row[0])
            took = f"{time.monotonic() - began:.0f} s"
            print(f"{number:>3}/{len(rows):<3} {row[0]:<{width}} {row[1]:<{promises}} {took:>6}  {verdict}", flush=True)
    print(f"mutants: {len(rows)} in {(time.monotonic() - start) / 60:.0f} min, {len(bad)} not caught{': ' * bool(bad)}{', '.join(bad)}")
    sys.exit(bool(bad))


def check(rows):
    """That each row can be tried: what it replaces is there exactly once, and the tests that it names exist. Seconds, so CI does it."""
    root = subprocess.run(["git", "rev-parse", "--show-toplevel"], check=True, capture_output=True, text=True).stdout.strip()
    listed = subprocess.run(["git", "ls-files", "*.rs"], cwd=root, check=True, capture_output=True, text=True).stdout.split()
    sources = {name: read(os.path.join(root, name)) for name in listed}
    tests = set(re.findall(r"\bfn (\w+)", "".join(sources.values())))
    bad = []
    for name, _, path, before, _, _, expected, *further in rows:
        for place, text, _ in [(path, before, None), *(further[0] if further else [])]:
            if sources.get(place, "").count(text) != 1:
                bad.append(f"{name} does not apply to {place}")
        bad += [f"{name} names a test that is not there: {test}" for test in expected or [] if test not in tests]
    print("\n".join([*bad, f"mutants: {len(rows)} rows, {len(bad)} that cannot be tried"]))
    sys.exit(bool(bad))


def crate(path):
    """The folder above `src`."""
    return path.split("/src/")[0]


def copy_tree(root, copy):
    """Everything that git knows or would take, as it is now. All of it is newer than whatever the last run has built: cargo goes by
    times, and would take what an earlier mutation left behind for the tree as it is."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, check=True,
                            capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if os.path.isfile(os.path.join(root, name)):
            place = os.path.join(copy, name)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copy(os.path.join(root, name), place)


def try_one(copy, environment, row):
    """What happened, and whether a test that the row names (or, where it names none, any) turned red."""
    _name, _promise, path, before, after, arguments, expected, *more = row
    edits = [(path, before, after), *(more[0] if more else [])]
    originals = {}
    try:
        for path, before, after in edits:
            file = os.path.join(copy, path)
            with open(file, encoding="utf-8") as source:
                text = source.read()
            originals.setdefault(file, text)
            if text.count(before) != 1:
                return f"DOES NOT APPLY: {text.count(before)} times in {path}: {before.strip()}", False
            write(file, text.replace(before, after))
        run = subprocess.run(["cargo", "test", "--locked", "--no-fail-fast", *arguments], cwd=copy, env=environment,
                             capture_output=True, text=True)
    finally:
        for file, text in originals.items():
            write(file, text)
    if "error: could not compile" in run.stderr:
        return "DOES NOT COMPILE\n" + run.stderr[-2000:], False
    if not re.search(r"^running \d+ test", run.stdout, re.M):
        return "NO TEST RAN\n" + run.stderr[-2000:], False
    red = sorted({test.rsplit("::", 1)[-1] for test in re.findall(r"^test (\S+) \.\.\. FAILED$", run.stdout, re.M)})
    caught = bool(red) if expected is None else bool(set(red) & set(expected))
    # Those that guard it first.
    red.sort(key=lambda test: test not in (expected or []))
    shown = ", ".join(red[:2]) + (f" and {len(red) - 2} more" if len(red) > 2 else "")
    return (shown if caught else f"NOT CAUGHT (red: {shown or 'nothing'})"), caught


def write(file, text):
    with open(file, "w", encoding="utf-8") as place:
        place.write(text)


def read(file):
    with open(file, encoding="utf-8") as place:
        return place.read()
