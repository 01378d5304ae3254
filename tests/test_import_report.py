"""What a report says of the rows that were taken: in groups of remarks that are alike."""

from catalogue import import_printing
from catalogue.admin.importing import report as desk
from catalogue.import_printing import Outcome
from catalogue.import_report import Report
from tests.imports import warnings_of

NO_ISBN = "“978{row}” is no ISBN: it has 10 or 13 digits."


def full() -> Report:
    """Return a report with one remark of its own among 1,500 alike."""
    report = Report()
    for row in range(1500):
        report.warn(row, [NO_ISBN.format(row=row)])
        if row == 1400:
            report.warn(row, ["It was cut."])
    return report


def test_a_thousand_remarks_of_one_kind_do_not_hide_another():
    report = full()
    assert (report.warned, len(warnings_of(report))) == (1501, 21)
    assert warnings_of(report)[0] == (0, NO_ISBN.format(row=0))
    assert warnings_of(report)[-1] == (1400, "It was cut.")


def test_the_command_prints_the_first_of_each_kind():
    printed = list(import_printing.results(Outcome("a.csv", full()), is_written=True))
    assert printed[4:7] == [
        f"  row 4: {NO_ISBN.format(row=4)}",
        "  … and 1,495 more notes like these",
        "  row 1400: It was cut.",
    ]


def test_the_desk_shows_the_first_of_each_kind():
    (alike, more), (other, no_more) = desk.remarks(full().to_dict())
    assert (len(alike), more, no_more) == (10, 1490, 0)
    assert other == [{"row": 1400, "sentence": "It was cut."}]


def test_a_report_of_an_earlier_version_shows_its_remarks():
    kept = {"warnings": [{"row": 2, "sentence": "Look."}], "warned": 3}
    assert desk.remarks(kept) == [([{"row": 2, "sentence": "Look."}], 2)]
    assert desk.remarks({}) == []
