"""`make bench`: generate records, load and index them, and measure.

make bench                              100,000 records
make bench ARGS="--records 1000000"      another size
make bench ARGS="--sizes 10000 1000000"  several sizes, one after the other
make bench ARGS="--only import"          imports, which empty the catalogue of the benchmark first
make bench ARGS="--only desk"            the pages of the desk, and many records changed at once
"""

import argparse
import os

from tests.environment import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the catalogue on generated records.")
    parser.add_argument("--sizes", "--records", type=int, nargs="+", default=[100_000], help="how many (100000)")
    parser.add_argument("--rounds", type=int, default=60, help="how often each request is repeated (60)")
    parser.add_argument("--only", choices=("pages", "engines", "import", "desk"), help="one part alone")
    parser.add_argument("--without-peers", action="store_true", help="compare with bare tantivy alone")
    options = parser.parse_args()
    for size in options.sizes:
        measure(size, options)


def measure(size: int, options: argparse.Namespace) -> None:
    # Each size has a folder and so a server of its own: settings are read once a process.
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        if status:
            raise SystemExit(1)
        return
    os.environ["VAR_DIR"] = str(ROOT / "var" / f"bench-{size}")
    os.environ["DJANGO_SETTINGS_MODULE"] = "catalogue.settings"
    import django

    django.setup()
    from tests.benchmarks import desk, engines, importing, loading, pages

    print(f"== {size:,} records", flush=True)
    if options.only == "import":
        importing.run(size, options.rounds, peers=not options.without_peers)
        return
    loading.load(size)
    if options.only == "desk":
        desk.run(options.rounds)
        return
    if options.only != "pages":
        engines.run(size, options.rounds, peers=not options.without_peers)
    if options.only != "engines":
        pages.run(options.rounds)


if __name__ == "__main__":
    main()
