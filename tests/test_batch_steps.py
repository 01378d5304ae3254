"""The steps of a batch edit, on plain Drafts: what each does and what it leaves alone."""

import pytest

from catalogue import codes
from catalogue.batch import steps
from catalogue.batch.computing import compute
from catalogue.batch.replacing import FindAndReplace
from catalogue.batch.steps import GiveStatus, KeywordStep, SetField
from catalogue.draft import LIMITS, Draft
from tests.records import make_draft


def after(draft: Draft, *chosen) -> Draft:
    result = compute(chosen, draft)
    assert result.is_changed, result
    return result.after


def why_not(draft: Draft, *chosen) -> tuple[str, ...]:
    result = compute(chosen, draft)
    assert not result.is_changed
    return result.nothing or result.problems


@pytest.mark.parametrize(
    ("step", "keywords"),
    [
        (KeywordStep("add", "C"), ("A", "B", "C")),
        (KeywordStep("remove", "A"), ("B",)),
        (KeywordStep("replace", "A", "C"), ("C", "B")),
        (KeywordStep("replace", "A", "B"), ("B",)),
    ],
)
def test_a_keyword_is_added_at_the_end_removed_or_replaced_where_it_stood(step, keywords):
    assert after(make_draft(keywords=("A", "B")), step).keywords == keywords


def test_a_record_that_has_or_lacks_the_keyword_stays_and_says_why():
    draft = make_draft(keywords=("A",))
    assert why_not(draft, KeywordStep("add", "A")) == ("It has the keyword “A” already.",)
    assert why_not(draft, KeywordStep("remove", "B")) == ("It does not have the keyword “B”.",)
    assert why_not(draft, KeywordStep("replace", "B", "C")) == ("It does not have the keyword “B”.",)


@pytest.mark.parametrize(
    ("field", "value", "empty"),
    [("country", "Chile", ""), ("year", 2012, None), ("language", "es", ""), ("kind", "report", "")],
)
def test_a_field_is_set_and_cleared(field, value, empty):
    filled = after(make_draft(), SetField(field, value))
    assert getattr(filled, field) == value
    assert getattr(after(filled, SetField(field, empty)), field) == empty
    assert "already" in why_not(filled, SetField(field, value))[0]
    assert "It has no" in why_not(make_draft(), SetField(field, empty))[0]


def test_a_status_takes_the_reason_of_a_withdrawal_along_and_away():
    gone = after(make_draft(), GiveStatus(codes.WITHDRAWN, "Retracted"))
    assert (gone.status, gone.withdrawn_reason) == (codes.WITHDRAWN, "Retracted")
    back = after(gone, GiveStatus(codes.PUBLISHED))
    assert (back.status, back.withdrawn_reason) == (codes.PUBLISHED, "")
    assert why_not(gone, GiveStatus(codes.WITHDRAWN, "Another")) == ("Its status is “Withdrawn” already.",)


@pytest.mark.parametrize(
    ("step", "title"),
    [
        (FindAndReplace("title", "cat", "dog"), "The dog, dogalogue and dog"),
        (FindAndReplace("title", "cat", "dog", match_case=True), "The dog, dogalogue and CAT"),
        (FindAndReplace("title", "cat", "dog", whole_words=True), "The dog, catalogue and dog"),
        (FindAndReplace("title", "cat", "dog", match_case=True, whole_words=True), "The dog, catalogue and CAT"),
        (FindAndReplace("title", ", cat", "; cat", whole_words=True), "The cat, catalogue and CAT"),
        (FindAndReplace("title", " and CAT"), "The cat, catalogue"),
    ],
)
def test_a_plain_text_is_found_and_replaced(step, title):
    draft = make_draft("The cat, catalogue and CAT")
    result = compute([step], draft)
    assert result.after.title == title


@pytest.mark.parametrize("find", ["(a+)+$", ".*", "[", "\\", "a|b", "\\w", "(?i)x"])
def test_what_looks_like_a_pattern_stands_for_itself(find):
    assert why_not(make_draft("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), FindAndReplace("title", find, "x"))
    assert after(make_draft(f"It is {find} here"), FindAndReplace("title", find, r"\1 \g<0>")).title == (
        r"It is \1 \g<0> here"
    )


def test_letters_with_accents_are_found_however_they_are_put_together():
    assert after(make_draft("Montréal"), FindAndReplace("title", "Montre\u0301al", "Québec")).title == "Québec"


def test_a_replacement_that_would_grow_beyond_the_field_is_refused_before_it_is_made():
    draft = make_draft(summary="a," * (LIMITS["summary"] // 2))
    [problem] = why_not(draft, FindAndReplace("summary", ",", "x" * 400))
    assert "the longest that can be kept is 100000" in problem


@pytest.mark.parametrize(
    ("draft", "step"),
    [
        (make_draft("Gone"), FindAndReplace("title", "Gone")),
        (make_draft(url="https://example.org"), FindAndReplace("url", "https://", "")),
        (make_draft(), KeywordStep("add", "k" * 401)),
    ],
)
def test_a_record_that_would_become_invalid_is_left_out_with_the_reason(draft, step):
    result = compute([step], draft)
    assert result.problems
    assert not result.is_changed
    assert result.after == draft


def test_several_steps_are_done_one_after_the_other():
    chosen = [KeywordStep("add", "New"), SetField("year", 2001), FindAndReplace("title", "report", "study")]
    changed = after(make_draft("A report"), *chosen)
    assert (changed.title, changed.keywords, changed.year) == ("A study", ("New",), 2001)


def test_steps_that_take_each_other_back_change_nothing():
    assert why_not(make_draft(), KeywordStep("add", "A"), KeywordStep("remove", "A")) == (
        "The steps leave it as it was.",
    )


def test_steps_come_back_from_what_is_kept_of_them():
    chosen = [
        KeywordStep("replace", "A", "B"),
        SetField("year", None),
        GiveStatus("withdrawn", "Why"),
        FindAndReplace("title", " a ", "b", match_case=True),
    ]
    assert steps.from_dicts(steps.to_dicts(chosen)) == chosen
    assert len({step.sentence for step in chosen}) == 4
