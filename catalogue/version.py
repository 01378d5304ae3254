"""The version of this release, read from the changelog so that it stands in one place only."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def read_version(changelog: str) -> str:
    """Return the number in the first `## 1.2.3` heading of the text of a changelog."""
    match = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    return match[1] if match else "0.0.0"


VERSION = read_version((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
