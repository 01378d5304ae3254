"""The whole site as real processes: it starts in an empty folder, stops whole, and survives being killed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from catalogue.commandline import NICENESS
from tests.browser.site import Site
from tests.environment import ROOT

SAVE = "from tests.records import make_record; print('number', make_record('Saved before the kill').pk)"
# How far the database is behind the process that started it, once that lets pages go first.
STEP_BACK = """
import os
from pathlib import Path
from django.conf import settings
from catalogue.commandline import let_pages_go_first
let_pages_go_first()
server = int((Path(settings.VAR_DIR) / "postgres" / "postmaster.pid").read_text().split()[0])
print("niceness", os.getpriority(os.PRIO_PROCESS, 0) - os.getpriority(os.PRIO_PROCESS, server))
"""
SEARCH = "/search?q=saved+before+the+kill"
SiteMaker = Callable[..., Site]


@pytest.fixture
def make_site() -> Iterator[SiteMaker]:
    made: list[Site] = []

    def make(*options: str, **variables: str) -> Site:
        made.append(Site(*options, **variables))
        return made[-1]

    yield make
    for site in made:
        site.remove()


@pytest.fixture(scope="module")
def begun_folder(tmp_path_factory) -> Path:
    """The folder of a catalogue without a record that was started once, and stopped."""
    site = Site("--without-sample")
    site.start()
    assert site.stop() == 0
    site.wait_until_gone()
    folder = tmp_path_factory.mktemp("begun")
    _copy(site.var_dir, folder)
    site.remove()
    return folder / "var"


@pytest.fixture
def begun_site(make_site, begun_folder) -> SiteMaker:
    """Make a site that was started before: most of a first start is the making of its database."""

    def make(**variables: str) -> Site:
        site = make_site("--without-sample", **variables)
        _copy(begun_folder, site.home)
        return site

    return make


def _copy(folder: Path, into: Path) -> None:
    subprocess.run(["cp", "--archive", str(folder), str(into)], check=True)  # with the owner of the database's files


def database_process(site: Site) -> psutil.Process:
    number = int((site.var_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    return psutil.Process(number)


def save_record(site: Site) -> None:
    done = site.run("shell", "-c", SAVE)
    assert "number" in done.stdout, done.stdout + done.stderr


def test_a_database_that_a_command_starts_does_not_step_back_with_it(begun_site):
    done = begun_site().run("shell", "-c", STEP_BACK)
    assert f"niceness {min(NICENESS, 19 - os.getpriority(os.PRIO_PROCESS, 0))}" in done.stdout, (
        done.stdout + done.stderr
    )


def refused(site: Site) -> str:
    """Start a site that must not start; return the one sentence that it says."""
    done = site.run("serve", *site.options)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_a_first_start_says_what_it_does_and_may_be_killed_at_any_step(make_site):
    site = make_site()
    for moment in ("Starting the database", "Loading the sample catalogue", "Building the search index"):
        site.launch_until(moment)
        site.process.kill()
        site.process.wait(timeout=30)
    site.start()
    steps = ["Starting the database", "name: admin", "password: ", f"Greyshelf is at {site.url}/"]
    places = [site.output.find(step) for step in steps]
    assert places == sorted(places) and places[0] >= 0, site.output
    assert "1 result found" in site.read("/search?keyword=peer+mentoring+%28u.k.%29")
    assert site.stop() == 0
    site.wait_until_gone(seconds=5)
    site.start()
    assert "password" not in site.output
    assert "sample" not in site.output


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_the_database_too(begun_site, signal_number):
    site = begun_site()
    site.start()
    database = database_process(site)
    assert len(site.processes()) > 3
    assert site.stop(signal_number) == 0
    site.wait_until_gone(seconds=5)
    site.wait_until_ended(database)
    assert not (site.var_dir / "postgres" / "postmaster.pid").exists()


def test_a_killed_server_leaves_nothing_that_hinders_the_next_one(begun_site):
    site = begun_site()
    site.start()
    save_record(site)
    workers = [process for process in psutil.Process(site.process.pid).children() if "serve" in process.cmdline()]
    assert workers
    site.process.kill()
    site.process.wait(timeout=30)
    site.wait_until_ended(*workers)
    site.start()
    assert "1 result found" in site.read(SEARCH)
    database = database_process(site)
    assert site.stop() == 0
    site.wait_until_gone(seconds=5)
    site.wait_until_ended(database)


def test_everything_killed_at_once_recovers(begun_site):
    site = begun_site()
    site.start()
    save_record(site)
    site.kill()
    site.start()
    assert "1 result found" in site.read(SEARCH)
    assert site.run("reindex", "--check").returncode == 0
    assert site.stop() == 0
    site.wait_until_gone(seconds=5)


def test_a_killed_database_comes_back_by_itself(begun_site):
    site = begun_site()
    site.start()
    save_record(site)
    postmaster = database_process(site)
    postmaster.kill()
    site.wait_until_ended(postmaster)
    assert "1 result found" in site.read(SEARCH)
    assert site.stop() == 0
    site.wait_until_gone(seconds=5)


def test_a_port_in_use_is_named_in_one_sentence(begun_site):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        site = begun_site(PORT=str(port))
        said = refused(site)
    assert str(port) in said
    assert "another" in said
    assert site.processes() == []


def test_a_second_server_in_the_same_folder_is_refused(begun_site, make_site):
    first = begun_site()
    first.start()
    second = make_site("--without-sample", VAR_DIR=str(first.var_dir))
    said = refused(second)
    assert str(first.var_dir) in said
    assert str(first.process.pid) in said
    assert first.answers()


def test_a_file_in_place_of_the_folder_is_named_in_one_sentence(make_site):
    site = make_site("--without-sample")
    site.var_dir.write_text("not a folder")
    assert "VAR_DIR" in refused(site)


@pytest.mark.parametrize("name", ["index", "static", "serve.lock", "postgres"])
def test_something_in_the_way_within_the_folder_is_named_in_one_sentence(make_site, name):
    site = make_site("--without-sample")
    site.var_dir.mkdir()
    if name == "serve.lock":
        (site.var_dir / name).mkdir()
    else:
        (site.var_dir / name).write_text("in the way")
    assert str(site.var_dir / name) in refused(site)
    site.wait_until_gone(seconds=10)


def test_a_folder_that_cannot_be_written_is_named_in_one_sentence(make_site):
    # Root writes anywhere but under /proc.
    folder = "/proc/greyshelf" if os.geteuid() == 0 else "/greyshelf"
    site = make_site("--without-sample", VAR_DIR=folder)
    said = refused(site)
    assert folder in said
    assert "VAR_DIR" in said


def test_a_wrong_setting_is_named_in_one_sentence(make_site):
    assert "WEB_WORKERS" in refused(make_site("--without-sample", WEB_WORKERS="many"))


def test_a_database_that_does_not_answer_is_named_in_one_sentence(make_site):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"postgres://nobody@127.0.0.1:{held.getsockname()[1]}/none"
        assert "DATABASE_URL" in refused(make_site("--without-sample", DATABASE_URL=address))


def test_behind_a_proxy_https_is_seen(make_site):
    # With a key of its own too: nothing is there yet that the making of the key would have made.
    site = make_site("--without-sample", SITE_URL="https://catalogue.example.org", SECRET_KEY="k" * 50)
    site.launch_until("Greyshelf is at https://catalogue.example.org/")
    forwarded = {"Host": "catalogue.example.org", "X-Forwarded-Proto": "https"}

    class Untouched(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args):
            return None

    opener = urllib.request.build_opener(Untouched)

    def status(headers: dict[str, str]) -> tuple[int, str]:
        request = urllib.request.Request(site.url + "/", headers=headers)  # noqa: S310 - our own http
        try:
            with opener.open(request, timeout=30) as response:
                return response.status, response.headers.get("Strict-Transport-Security", "")
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Location", "")

    assert status(forwarded)[0] == 200
    assert "max-age" in status(forwarded)[1]
    assert status({"Host": "catalogue.example.org"}) == (301, "https://catalogue.example.org/")


@pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("make") or not (ROOT / ".venv" / "installed").exists(),
    reason="needs make, and the environment that make makes",
)
def test_make_run_killed_stops_the_server_and_can_be_repeated(begun_site):
    site = begun_site()
    site.start()
    save_record(site)  # a catalogue with a record in it gets no sample
    site.kill()
    site.start("make", "run")
    (server,) = psutil.Process(site.process.pid).children()
    site.process.kill()
    site.process.wait(timeout=30)
    site.wait_until_ended(server)
    site.wait_until_gone(seconds=5)
    site.start("make", "run")
    assert "1 result found" in site.read(SEARCH)
    subprocess.run(["kill", "-TERM", str(site.process.pid)], check=True)
    site.process.wait(timeout=30)
    site.wait_until_gone()
