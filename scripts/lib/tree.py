"""The files of this tree, and how checks speak. The checks that are written in Python import it."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED = {".git", "target", "node_modules", "__pycache__"}


def files(*endings):
	"""Paths, relative to the root, of all files whose names end in one of `endings`, in order."""
	found = []
	for folder, folders, names in os.walk(ROOT):
		folders[:] = sorted(name for name in folders if name not in SKIPPED)
		for name in names:
			if not endings or name.endswith(endings):
				found.append(os.path.relpath(os.path.join(folder, name), ROOT))
	return sorted(found)


def read(path):
	"""The text of a file, by its path relative to the root."""
	with open(os.path.join(ROOT, path), encoding="utf-8") as file:
		return file.read()


def no_arguments(usage):
	"""Prints `usage` for `--help`, and refuses anything else on the command line."""
	arguments = sys.argv[1:]
	if arguments and arguments[0] in ("--help", "-h"):
		print(usage.strip())
		sys.exit(0)
	if arguments:
		name = os.path.basename(sys.argv[0])
		print(f"unknown argument {arguments[0]}; see {name} --help", file=sys.stderr)
		sys.exit(2)


def finish(violations, advice, praise):
	"""Prints the violations and what to do about them, or that all is well; ends the program."""
	for violation in violations:
		print(f"violation: {violation}", file=sys.stderr)
	if violations:
		print(f"error: {len(violations)} violations. {advice}", file=sys.stderr)
		sys.exit(1)
	print(praise)
