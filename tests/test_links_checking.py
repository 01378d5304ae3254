"""What is found out about one address, from servers that behave in every way that servers do."""

import ssl
import time
from email.utils import format_datetime
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.linkcheck import pages, robots
from catalogue.linkcheck.fetching import Limits
from catalogue.linkcheck.findings import Outcome
from catalogue.linkcheck.pacing import seconds_of
from tests.webserver import CERTIFICATE, SOON, FakeTime, Server, html, make_checker, pdf, reply

LONG = "This report says what was found in the prisons of the county, and by whom. " * 20


@pytest.fixture
def server():
    made = Server({"/report.pdf": pdf()})
    yield made
    made.close()


@pytest.fixture
def passing():
    return FakeTime()


@pytest.fixture
def check(passing, server):
    """Check a path of the server; what goes on without end is cut off soon."""
    checker = make_checker(passing, limits=Limits(SOON, SOON))

    def checked(path: str, host: str = "docs.example"):
        return checker.check(server.url(path, host) if path.startswith("/") else path)

    return checked


# -- What is alive ----------------------------------------------------------------------------------------------------


def test_a_document_is_alive_after_one_question_and_is_not_fetched(check, server):
    finding = check("/report.pdf")
    assert (finding.outcome, finding.code, finding.reason) == (Outcome.ALIVE, 200, "")
    assert [(one.method, one.path) for one in server.asked] == [("GET", "/robots.txt"), ("HEAD", "/report.pdf")]


def test_a_page_is_alive_whose_neighbours_are_not(check, server):
    server.paths["/report"] = html("A report", LONG)
    assert check("/report").outcome is Outcome.ALIVE


def test_who_asks_is_said_with_the_address_of_the_catalogue(check, server):
    check("/report.pdf")
    for one in server.asked:
        assert one.headers["user-agent"] == "Greyshelf/test link check (+https://catalogue.example.org)"
        assert one.headers["host"] == f"docs.example:{server.port}"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
def test_a_server_that_refuses_head_or_lies_to_it_is_asked_with_get(check, server, status):
    server.paths["/odd.pdf"] = lambda asked, _send: reply(status) if asked.method == "HEAD" else pdf()
    assert check("/odd.pdf").outcome is Outcome.ALIVE


def test_a_server_that_breaks_off_or_hangs_at_head_is_asked_with_get(check, server):
    server.paths["/odd.pdf"] = lambda asked, _send: b"" if asked.method == "HEAD" else pdf()
    assert check("/odd.pdf").outcome is Outcome.ALIVE
    server.paths["/slow.pdf"] = lambda asked, _send: time.sleep(3 * SOON) if asked.method == "HEAD" else pdf()
    assert check("/slow.pdf").outcome is Outcome.ALIVE


# -- What has gone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "outcome"), [(404, Outcome.NOT_FOUND), (410, Outcome.GONE)])
def test_what_the_server_says_is_gone_is_gone(check, server, status, outcome):
    server.paths["/gone"] = html("Gone", status=status)
    assert (check("/gone").outcome, check("/gone").code) == (outcome, status)


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_server_that_refuses_programs_says_nothing_about_readers(check, server, status):
    server.paths["/closed"] = reply(status)
    finding = check("/closed")
    assert finding.outcome is Outcome.BARRED
    assert str(status) in finding.reason


@pytest.mark.parametrize("title", ["Just a moment...", "Making sure you&#39;re not a bot!", "Access Denied"])
@pytest.mark.parametrize("status", [200, 403, 500])
def test_a_page_that_keeps_programs_out_says_nothing_about_readers(check, server, status, title):
    server.paths["/robots.txt"] = reply(404)
    server.otherwise = html(title, LONG, status=status)
    finding = check("/report")
    assert finding.outcome is Outcome.BARRED
    assert "keeps programs away" in finding.reason


@pytest.mark.parametrize("status", [500, 502, 504])
def test_an_error_of_the_server_is_a_failure_for_now(check, server, status):
    server.paths["/broken"] = reply(status)
    assert check("/broken").outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "title",
    [
        "404 - File or directory not found",
        "Page Not Found | County",
        "Seite nicht gefunden",
        "Sivua ei löydy",
        "Error 404",
    ],
)
def test_a_page_that_says_not_found_with_200_is_not_found(check, server, title):
    server.paths["/report"] = html(title, LONG)
    finding = check("/report")
    assert finding.outcome is Outcome.NOT_FOUND
    assert title in finding.reason


@pytest.mark.parametrize(
    "title",
    [
        "Evidence Not Found: what systematic reviews of prison education leave out, and how their readers can tell, "
        "with a note on method",
        "Report 404 pages",
        "Found: a report",
    ],
)
def test_a_report_about_what_is_missing_is_alive(check, server, title):
    server.paths["/report"] = html(title, LONG)
    assert check("/report").outcome is Outcome.ALIVE


def test_a_server_that_says_the_same_of_any_nonsense_says_nothing(check, server):
    server.otherwise = lambda asked, _send: html("County Council", f"{LONG} You asked for {asked.path}.")
    finding = check("/reports/2012.html")
    assert finding.outcome is Outcome.NOT_FOUND
    assert "cannot exist" in finding.reason


def test_nonsense_is_asked_for_once_in_each_folder(check, server):
    for number in range(5):
        server.paths[f"/reports/{number}"] = html(f"Report {number}", f"{number} {LONG}")
        assert check(f"/reports/{number}").outcome is Outcome.ALIVE
    assert sum("greyshelf-" in path for path in server.paths_asked()) == 1


def test_pages_that_a_script_draws_look_all_the_same_and_are_alive(check, server):
    server.otherwise = html("Repository", "<div id=app></div><script>" + "draw();" * 100 + "</script>")
    assert check("/handle/1/2").outcome is Outcome.ALIVE


def test_what_leads_to_the_front_page_only_is_not_found(check, server):
    server.paths["/"] = html("County Council", LONG)
    server.otherwise = reply(302, Location="/")
    finding = check("/reports/2012")
    assert finding.outcome is Outcome.NOT_FOUND
    assert "front page" in finding.reason
    assert check("/").outcome is Outcome.ALIVE


def test_what_leads_where_nonsense_leads_is_not_found(check, server):
    server.paths["/en/welcome-to-us"] = html("County Council", "Welcome.")
    server.otherwise = reply(302, Location="/en/welcome-to-us")
    assert check("/reports/2012").outcome is Outcome.NOT_FOUND


def test_what_leads_to_a_page_for_passwords_is_not_called_dead(check, server):
    server.paths["/login"] = html("Sign in", f"{LONG}<input name=p type=password>")
    server.otherwise = reply(302, Location="/login")
    assert check("/reports/2012").outcome is Outcome.BARRED


# -- Redirects --------------------------------------------------------------------------------------------------------


def test_a_permanent_redirect_is_offered_as_the_new_address(check, server):
    server.paths["/old.pdf"] = reply(301, Location="/newer.pdf")
    server.paths["/newer.pdf"] = reply(308, Location=server.url("/report.pdf", "new.example"))
    finding = check("/old.pdf#page=3")
    assert finding.outcome is Outcome.MOVED
    assert finding.moved_to == server.url("/report.pdf#page=3", "new.example")


def test_a_redirect_in_other_letters_than_ascii_leads_where_browsers_go(check, server):
    server.paths["/old.pdf"] = reply(301, Location="/r\u00c3\u00a9sum\u00c3\u00a9.pdf").decode().encode("latin-1")
    server.paths["/r%C3%A9sum%C3%A9.pdf"] = pdf()
    assert check("/old.pdf").moved_to == server.url("/r%C3%A9sum%C3%A9.pdf")


def test_a_redirect_to_an_address_that_is_too_long_is_not_cut_and_followed(check, server):
    server.paths["/old.pdf"] = reply(301, Location="/" + "a" * 9000)
    assert check("/old.pdf").outcome is Outcome.SKIPPED
    server.paths["/" + "b" * 3000] = pdf()
    server.paths["/old.pdf"] = reply(301, Location="/" + "b" * 3000)
    assert (check("/old.pdf").outcome, check("/old.pdf").moved_to) == (Outcome.ALIVE, "")


def test_a_passing_redirect_is_followed_and_not_offered(check, server):
    server.paths["/old.pdf"] = reply(302, Location="/report.pdf")
    finding = check("/old.pdf")
    assert (finding.outcome, finding.moved_to) == (Outcome.ALIVE, "")


def test_behind_a_permanent_redirect_a_passing_one_is_not_offered(check, server):
    server.paths["/old"] = reply(301, Location="/new")
    server.paths["/new"] = reply(307, Location="/report.pdf")
    assert check("/old").moved_to == server.url("/new")


def test_a_permanent_redirect_into_nothing_is_not_found(check, server):
    server.paths["/old"] = reply(301, Location="/nothing")
    assert (check("/old").outcome, check("/old").moved_to) == (Outcome.NOT_FOUND, "")


def test_redirects_in_a_circle_and_without_end_are_told_and_never_called_dead(check, server):
    server.paths["/a"], server.paths["/b"] = reply(302, Location="/b"), reply(302, Location="/a")
    assert check("/a").outcome is Outcome.TROUBLED
    assert "circle" in check("/a").reason
    server.otherwise = lambda asked, _send: reply(302, Location=asked.path + "x")
    before = len(server.asked)
    assert "end" in check("/endless").reason
    assert len(server.asked) - before == 11


@pytest.mark.parametrize(
    "location", ["ftp://docs.example/x", "http://docs.example:22/", "file:///etc/passwd", "http://["]
)
def test_a_redirect_to_what_is_not_asked_for_is_not_followed(check, server, location):
    server.paths["/odd"] = reply(301, Location=location)
    assert check("/odd").outcome is Outcome.SKIPPED


# -- Servers that do not behave ---------------------------------------------------------------------------------------


def drip(_asked, send):
    send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        send(b"a")
        time.sleep(SOON / 20)


def endless_headers(_asked, send):
    send(b"HTTP/1.1 200 OK\r\n")
    while True:
        send(b"X-More: and more\r\n" * 100)


def one_long_header(_asked, send):
    send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        send(b"a" * 65536)


def endless_continue(_asked, send):
    while True:
        send(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("rude", [drip, endless_headers, one_long_header, endless_continue])
def test_headers_without_end_are_cut_off(check, server, rude):
    server.paths["/rude"] = rude
    assert check("/rude").outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\xff\x00\xff", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\r\n\r\n"]
)
def test_an_answer_that_makes_no_sense_is_a_failure(check, server, answer):
    server.paths["/odd"] = answer
    assert check("/odd").outcome is Outcome.FAILED


@settings(max_examples=30)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(b"HTTP/1.1 200 OK\r\n".__add__)))
def test_whatever_a_server_sends_something_is_found(answer):
    server = Server({"/odd": answer})
    finding = make_checker(limits=Limits(SOON, SOON)).check(server.url("/odd"))
    server.close()
    assert finding.outcome in (Outcome.FAILED, Outcome.ALIVE, Outcome.NOT_FOUND, Outcome.SKIPPED, Outcome.BARRED)
    assert "Please report it" not in finding.reason


def test_of_a_body_without_end_the_beginning_is_read(check, server):
    sent = []

    def endless(asked, send):
        send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>A report</title>")
        while asked.method == "GET":
            send(b"words and " * 1000)
            sent.append(1)

    server.paths["/endless"] = endless
    assert check("/endless").outcome is Outcome.ALIVE
    assert len(sent) < 2000


def test_a_body_that_comes_by_the_letter_is_read_as_far_as_it_comes_in_time(passing, server):
    def slow(asked, send):
        send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Page not found</title>")
        while asked.method == "GET":
            send(b"a")
            time.sleep(SOON / 20)

    server.paths["/slow"] = slow
    checker = make_checker(passing, limits=Limits(5 * SOON, 5 * SOON))  # the title has time to come
    assert checker.check(server.url("/slow")).outcome is Outcome.NOT_FOUND


def test_a_packed_body_that_would_fill_the_memory_is_unpacked_as_far_as_it_is_read(check, server):
    import gzip

    bomb = gzip.compress(b"<title>Page not found</title>" + b"a" * 50_000_000)
    server.paths["/bomb"] = reply(200, bomb, Content_Type="text/html", Content_Encoding="gzip")
    assert check("/bomb").outcome is Outcome.NOT_FOUND


def test_a_host_that_is_nowhere_one_that_refuses_and_one_that_is_silent_are_failures(check, server):
    assert "no.nowhere" in check("http://no.nowhere/report").reason
    server.paths["/silent"] = lambda _asked, _send: time.sleep(3 * SOON)
    assert "in time" in check("/silent").reason
    server.close()
    finding = check(server.url("/", "closed.example"))
    assert (finding.outcome, finding.is_answered) == (Outcome.FAILED, False)


def test_a_certificate_that_is_not_valid_is_told_and_never_called_dead():
    server = Server({"/": pdf()}, is_secure=True)
    finding = make_checker().check(server.url("/"))
    assert finding.outcome is Outcome.TROUBLED
    assert "certificate" in finding.reason
    server.close()


def test_a_certificate_is_looked_at_for_the_name_and_not_for_the_number():
    server = Server({"/": pdf()}, is_secure=True)
    checker = make_checker(certificates=ssl.create_default_context(cafile=str(CERTIFICATE)))
    assert checker.check(server.url("/")).outcome is Outcome.ALIVE
    assert checker.check(server.url("/", "other.example")).outcome is Outcome.TROUBLED
    server.close()


def test_plain_http_where_https_is_asked_for_is_told(check, server):
    assert check(server.url("/").replace("http:", "https:")).outcome is Outcome.TROUBLED


# -- Good manners -----------------------------------------------------------------------------------------------------


def test_robots_txt_is_read_once_and_kept_to(check, server):
    server.paths["/robots.txt"] = reply(200, "User-agent: *\nDisallow: /private", Content_Type="text/plain")
    assert check("/private/report.pdf").outcome is Outcome.BARRED
    assert check("/report.pdf").outcome is Outcome.ALIVE
    assert server.paths_asked() == ["/robots.txt", "/report.pdf"]


def test_rules_that_name_the_product_come_before_those_for_all(check, server):
    rules = f"User-agent: *\nDisallow: /\n\nUser-agent: {robots.NAME.lower()}\nAllow: /"
    server.paths["/robots.txt"] = reply(200, rules, Content_Type="text/plain")
    assert check("/report.pdf").outcome is Outcome.ALIVE


def test_the_host_that_a_redirect_leads_to_is_asked_for_its_rules_too(check, server):
    def rules(asked, _send):
        return (
            reply(200, "User-agent: *\nDisallow: /", Content_Type="text/plain")
            if asked.host == "b.example"
            else reply(404)
        )

    server.paths["/robots.txt"] = rules
    server.paths["/to-b"] = reply(302, Location=server.url("/report.pdf", "b.example"))
    assert check("/to-b").outcome is Outcome.BARRED
    assert not [one for one in server.asked if one.host == "b.example" and one.path == "/report.pdf"]


@pytest.mark.parametrize("status", [500, 503])
def test_a_host_whose_rules_fail_is_not_asked_for_more(check, server, status):
    server.paths["/robots.txt"] = reply(status)
    assert check("/report.pdf").outcome is Outcome.TROUBLED
    assert set(server.paths_asked()) == {"/robots.txt"}


def test_rules_that_never_end_or_lead_nowhere_forbid_nothing(check, server):
    server.paths["/robots.txt"] = reply(302, Location="/robots.txt")
    assert check("/report.pdf").outcome is Outcome.ALIVE


def test_between_two_questions_to_a_host_there_is_a_pause(check, passing, server):
    check("/report.pdf")
    check("/report.pdf")
    check("/report.pdf", "other.example")
    assert passing.waits == [1.0, 1.0, 1.0]  # two at one host after its robots.txt, one at the other


@pytest.mark.parametrize(("asked", "kept"), [("10", 10.0), ("0.1", 1.0), ("86400", 30.0), ("soon", 1.0)])
def test_the_pause_that_a_host_asks_for_is_kept_within_bounds(check, passing, server, asked, kept):
    server.paths["/robots.txt"] = reply(200, f"User-agent: *\nCrawl-delay: {asked}", Content_Type="text/plain")
    check("/report.pdf")
    check("/report.pdf")
    assert passing.waits[-1] == kept


def test_a_host_is_never_asked_twice_at_once(server, passing):
    server.otherwise = lambda _asked, _send: time.sleep(0.01) or pdf()
    checker = make_checker(passing)
    threads = [Thread(target=checker.check, args=(server.url(f"/{number}.pdf"),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.most_at_once == 1
    assert len(server.asked) == 9


def test_a_busy_host_is_asked_again_after_the_time_that_it_wants(check, passing, server):
    answers = iter([reply(503, Retry_After="40"), reply(429, Retry_After="7"), pdf()])
    server.paths["/busy.pdf"] = lambda _asked, _send: next(answers)
    assert check("/busy.pdf").outcome is Outcome.ALIVE
    assert passing.waits == [1.0, 40.0, 7.0]


def test_a_busy_host_that_does_not_say_how_long_is_asked_after_growing_pauses(check, passing, server):
    server.paths["/busy"] = reply(503)
    assert check("/busy").outcome is Outcome.FAILED
    assert passing.waits == [1.0, 5.0, 20.0]
    server.paths["/busy"] = reply(429)
    assert check("/busy").outcome is Outcome.LATER


def test_a_host_that_wants_to_be_left_alone_for_long_is_left_alone(check, passing, server):
    server.paths["/busy"] = reply(503, Retry_After="3600")
    finding = check("/busy")
    assert (finding.outcome, finding.wait) == (Outcome.LATER, 3600.0)
    before = len(server.asked)
    assert check("/report.pdf").outcome is Outcome.LATER
    assert len(server.asked) == before
    passing.sleep(3601)
    assert check("/report.pdf").outcome is Outcome.ALIVE


def test_retry_after_is_read_as_seconds_and_as_a_date_and_as_nonsense(passing):
    now = passing.now().replace(microsecond=0)
    assert seconds_of("120", now) == 120
    assert seconds_of(format_datetime(now.replace(year=now.year + 1), usegmt=True), now) > 360 * 24 * 3600
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT", now) == 0
    for nonsense in ("", "soon", "-5", "1e9", "Wed, 99 Foo", "٣"):
        assert seconds_of(nonsense, now) is None


# -- Pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"<", b"<title", b"<h1" * 9000, b"<title>" * 9000, b"<script>" * 8000, b"\xff\x00" * 30_000]
)
def test_hostile_pages_are_read_in_no_time(body):
    page = pages.read("http://docs.example/", body)
    assert len(page.text) <= len(body.decode("utf-8", "replace"))
    assert pages.says_not_found(page) == ""
    pages.asks_for_password(b"<input " * 9000)


def test_a_program_that_fails_at_an_address_says_so_and_goes_on(caplog):
    def broken(host: str, port: int) -> list[str]:
        raise RuntimeError("broken")

    finding = make_checker(resolver=broken).check("http://docs.example/")
    assert finding.outcome is Outcome.LATER
    assert "RuntimeError" in finding.reason
