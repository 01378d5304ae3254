"""Every setting: its value, its default, and the sentence that refuses a wrong one."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import NotSupportedError, connection

from catalogue import commandline, secret
from catalogue.database import connection_settings
from catalogue.environment import Environment, host_of
from catalogue.secret import kept_key
from tests.environment import ROOT


def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start a management command with nothing in its environment but these variables."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONWARNINGS": "ignore", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def complaint(*arguments: str, **variables: str) -> str:
    """Return the one line that a command which must fail prints."""
    process = start(*arguments, **variables)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1, output + errors
    assert "Traceback" not in errors
    assert errors.count("\n") == 1, errors
    assert errors.startswith("greyshelf: ")
    return errors


WRONG = {
    "PORT": "abc",
    "SHELF_NUMBER_PATTERN": "R-{n}",
    "DEBUG": "yes",
    "TIME_ZONE": "Mars/Olympus",
    "LANGUAGE": "tlh",
    "SITE_URL": "example.org",
    "ALLOWED_HOSTS": "a b",
    "DATABASE_URL": "mysql://x",
    "VAR_DIR": "/dev/null",
    "WEB_WORKERS": "0",
    "WEB_THREADS": "65",
    "LINK_CHECK": "yes",
    "LINK_CHECK_NETWORKS": "10.1.0.5/16",
    "LINK_CHECK_A_NIGHT": "0",
}


@pytest.mark.parametrize(("name", "value"), WRONG.items())
def test_a_wrong_value_stops_the_start_with_the_name_of_the_variable(name, value, tmp_path):
    assert name in complaint("check", **{"VAR_DIR": str(tmp_path), name: value})


def test_a_folder_that_cannot_be_made_stops_the_start():
    assert "VAR_DIR" in complaint("check", VAR_DIR="/dev/null/inside")


@pytest.mark.parametrize("value", ["0", "65536", "-1", "８０００", "8_000", "1e3", "+1", "8000.0", "1" * 20, "80\n1"])
def test_a_number_is_written_in_plain_digits_and_in_its_bounds(value):
    with pytest.raises(ImproperlyConfigured, match="PORT"):
        Environment({"PORT": value}).number("PORT", 8000, 1, 65535)


@pytest.mark.parametrize("value", ["../../etc/passwd", "/etc/passwd", "Mars", "Europe", "Europe/London\0", "a" * 5000])
def test_a_time_zone_has_a_name_that_is_known(value):
    with pytest.raises(ImproperlyConfigured, match="TIME_ZONE"):
        Environment({"TIME_ZONE": value}).time_zone("TIME_ZONE", "UTC")


@pytest.mark.parametrize("value", ["*", "https://a.org", "a.org:80", "a.org b.org", "a.org;b.org", "a.org,b/c"])
def test_hosts_are_names_without_anything_else(value):
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS"):
        Environment({"ALLOWED_HOSTS": value}).hosts("ALLOWED_HOSTS", [])


@pytest.mark.parametrize(
    "value", ["a.org", "https://a.org/path", "javascript:alert(1)", "https://", "https://a b", "https://a.org:x"]
)
def test_the_address_of_the_site_is_a_scheme_and_a_host(value):
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        Environment({"SITE_URL": value}).site_address("SITE_URL")


@pytest.mark.parametrize(
    "value",
    ["mysql://x", "sqlite:///a.db", "name", "postgres://", "postgres://host", "postgres://[host/name", "postgres:x"]
    + ["postgres://host/name?nonsense=1", "postgres://host/na%00me"],
)
def test_a_database_address_that_names_no_database_of_postgresql_is_refused(value, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        connection_settings(value, tmp_path)


def test_a_wrong_value_stops_our_own_commands_too(tmp_path):
    assert "PORT" in complaint("import_records", "file.csv", VAR_DIR=str(tmp_path), PORT="abc")


def test_every_setting_has_a_default_and_takes_a_good_value():
    unset = Environment({})
    assert unset.text("LIBRARY_NAME", "Greyshelf") == "Greyshelf"
    assert unset.switch("DEBUG", default=False) is False
    assert unset.switch("DEBUG", default=True) is True
    assert unset.number("PORT", 8000, 1, 65535) == 8000
    assert unset.choice("LANGUAGE", "en", ("en", "fi")) == "en"
    assert unset.time_zone("TIME_ZONE", "UTC") == "UTC"
    assert unset.hosts("ALLOWED_HOSTS", ["localhost"]) == ["localhost"]
    assert unset.site_address("SITE_URL") == ""
    assert unset.folder("VAR_DIR", Path("/srv/var")) == Path("/srv/var")
    given = Environment(
        {
            "LIBRARY_NAME": " Justice Library ",
            "DEBUG": "ON",
            "PORT": "1",
            "LANGUAGE": "fi",
            "TIME_ZONE": "Europe/Helsinki",
            "ALLOWED_HOSTS": "a.org, .b.org,[::1],",
            "SITE_URL": "https://a.org:8443/",
            "VAR_DIR": "relative",
        }
    )
    assert given.text("LIBRARY_NAME", "Greyshelf") == "Justice Library"
    assert given.switch("DEBUG", default=False) is True
    assert given.number("PORT", 8000, 1, 65535) == 1
    assert given.choice("LANGUAGE", "en", ("en", "fi")) == "fi"
    assert given.time_zone("TIME_ZONE", "UTC") == "Europe/Helsinki"
    assert given.hosts("ALLOWED_HOSTS", ["localhost"]) == ["a.org", ".b.org", "[::1]"]
    assert given.site_address("SITE_URL") == "https://a.org:8443"
    assert given.folder("VAR_DIR", Path("/srv/var")) == Path.cwd() / "relative"


def test_a_blank_value_counts_as_unset():
    blank = Environment({"PORT": " ", "SITE_URL": "", "DEBUG": ""})
    assert (blank.number("PORT", 8000, 1, 65535), blank.site_address("SITE_URL")) == (8000, "")
    assert blank.switch("DEBUG", default=False) is False


def test_the_host_of_an_address_has_no_port():
    assert host_of("https://catalogue.example.org:8443") == "catalogue.example.org"
    assert host_of("http://[::1]:8000") == "[::1]"


def test_a_database_address_is_taken_apart(tmp_path):
    found = connection_settings("postgres://us%40er:pa%2Fss@db.org:5433/cat?sslmode=require", tmp_path)
    assert found == {
        "NAME": "cat",
        "USER": "us@er",
        "PASSWORD": "pa/ss",
        "HOST": "db.org",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_without_a_database_address_the_server_in_the_folder_is_used(tmp_path):
    found = connection_settings("", tmp_path)
    assert found["EMBEDDED"].folder == tmp_path / "postgres"
    assert not (tmp_path / "postgres").exists(), "it is not made before somebody needs it"


def test_the_secret_key_is_made_once_and_belongs_to_its_owner(tmp_path):
    path = tmp_path / "var" / "secret_key"
    key = kept_key(path)
    assert len(key) >= 50
    assert kept_key(path) == key == path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_key(tmp_path / "other") != key
    assert [found.name for found in path.parent.iterdir()] == ["secret_key"]


def test_a_secret_key_that_is_too_short_is_refused(tmp_path):
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(ImproperlyConfigured, match="too short; delete the file"):
        kept_key(tmp_path / "secret_key")


def test_of_two_keys_written_at_once_the_first_stays(tmp_path):
    path = tmp_path / "secret_key"
    for key in ("first " * 10, "second " * 10):  # what a process does that saw no key, whatever came since
        secret._write_once(path, key)
    assert kept_key(path) == ("first " * 10).strip()
    assert [found.name for found in tmp_path.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_agree_on_the_secret_key(tmp_path):
    code = "import sys; from pathlib import Path; from catalogue.secret import kept_key; sys.stdin.read();"
    code += "print(kept_key(Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path / "secret_key")]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in processes:
        process.stdin.close()
    keys = {process.stdout.read() for process in processes}
    for process in processes:
        process.stdout.close()
        assert process.wait(timeout=60) == 0
    assert len(keys) == 1
    assert keys.pop().strip() == (tmp_path / "secret_key").read_text()


def test_a_site_with_https_passes_the_checks_of_a_deployment(tmp_path):
    process = start(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        VAR_DIR=str(tmp_path),
        SITE_URL="https://catalogue.example.org",
    )
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "System check identified no issues" in output


@pytest.fixture
def closed_port():
    """A port of this machine that nothing listens on, and that nobody else can take."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_a_database_that_is_down_is_said_in_one_sentence(tmp_path, closed_port):
    url = f"postgres://user:hunter2@127.0.0.1:{closed_port}/name"
    sentence = complaint("migrate", DATABASE_URL=url, VAR_DIR=str(tmp_path))
    assert "The database does not answer" in sentence
    assert "DATABASE_URL" in sentence
    assert "hunter2" not in sentence


def test_an_import_without_a_database_says_that_nothing_was_done(tmp_path, closed_port):
    url = f"postgres://user:hunter2@127.0.0.1:{closed_port}/name"
    process = start("import_records", str(ROOT / "README.md"), DATABASE_URL=url, VAR_DIR=str(tmp_path))
    _output, errors = process.communicate(timeout=120)
    assert process.returncode == 2, errors
    assert "Nothing was imported. The database does not answer" in errors
    assert errors.count("\n") == 1, errors
    assert "hunter2" not in errors


def test_a_folder_that_cannot_hold_the_database_is_said_in_one_sentence(tmp_path):
    (tmp_path / "postgres.users").mkdir()
    sentence = complaint("migrate", VAR_DIR=str(tmp_path))
    assert str(tmp_path) in sentence
    assert "VAR_DIR" in sentence


def test_data_of_another_postgresql_is_said_in_one_sentence(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("14\n")
    assert "is of PostgreSQL 14, and this Greyshelf carries 18" in complaint("migrate", VAR_DIR=str(tmp_path))


@pytest.mark.django_db
def test_a_server_that_is_too_old_is_refused(monkeypatch):
    assert connection.features.minimum_database_version == (15,)
    monkeypatch.setitem(connection.features.__dict__, "minimum_database_version", (99,))
    with pytest.raises(NotSupportedError, match="PostgreSQL 99 or later is required"):
        connection.check_database_version_supported()


def test_a_server_that_is_too_old_ends_a_command_with_its_sentence(monkeypatch, capsys):
    def refuse(arguments: list[str]) -> None:
        raise NotSupportedError("PostgreSQL 15 or later is required (found 14).")

    monkeypatch.setattr(commandline, "execute_from_command_line", refuse)
    assert commandline.run(["manage.py", "migrate"]) == 1
    assert capsys.readouterr().err == "greyshelf: PostgreSQL 15 or later is required (found 14).\n"


def test_ctrl_c_ends_a_command_without_a_traceback(monkeypatch, capsys):
    def interrupt(arguments: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commandline, "execute_from_command_line", interrupt)
    assert commandline.run(["manage.py", "migrate"]) == 1
    assert capsys.readouterr().err == "greyshelf: Stopped.\n"
