"""How relevance is measured, and that the ranking holds on a small judged collection."""

import json
from math import log2

import pytest
from django.core.management import CommandError, call_command

from search.management.commands.evaluate_relevance import ndcg, recall

CORPUS = [
    {"_id": "a", "title": "Peer mentoring in prisons", "text": "Prisoners who support other prisoners."},
    {"_id": "b", "title": "Gangs and knife crime", "text": "Young people, knives and the street."},
    {"_id": "c", "title": "Probation", "text": "Mentors meet people after their release from prison."},
    {"_id": "d", "title": "Courts", "text": "How long trials take."},
]
QUERIES = [{"_id": "1", "text": "mentoring for prisoners"}, {"_id": "2", "text": "knife crime among youths, in gangs?"}]
JUDGEMENTS = [("1", "a", 2), ("1", "c", 1), ("2", "b", 1), ("2", "d", 0)]


def test_gain_is_linear_discounted_by_rank_and_measured_against_all_judged():
    judged = {"a": 3.0, "b": 1.0}
    assert ndcg(["a", "b"], judged) == 1.0
    assert ndcg(["x", "a"], judged) == pytest.approx((3 / log2(3)) / (3 + 1 / log2(3)))
    assert ndcg(["x"] * 10 + ["a"], judged) == 0.0


def test_recall_is_the_share_of_the_relevant_among_the_first():
    assert recall(["a", "x"], {"a": 1.0, "b": 2.0}) == 0.5
    assert recall(["x", "a"], {"a": 1.0}, depth=1) == 0.0


def collection(folder) -> list[str]:
    for name, lines in (("corpus", CORPUS), ("queries", QUERIES)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, line)) for line in JUDGEMENTS)]
    (folder / "qrels.tsv").write_text("\n".join(lines))
    return [str(folder / name) for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")]


def test_a_collection_is_indexed_beside_the_catalogue_and_its_queries_measured(tmp_path, capsys, index_dir):
    call_command("evaluate_relevance", *collection(tmp_path))
    assert capsys.readouterr().out == "2 queries: nDCG@10 1.0000, recall@100 1.0000\n"
    assert not index_dir.exists()


def test_a_collection_that_cannot_be_read_is_told_in_a_sentence(tmp_path):
    files = collection(tmp_path)
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nno tabs here")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("evaluate_relevance", *files)


def test_a_collection_that_is_not_there_is_named(tmp_path):
    missing = str(tmp_path / "none.jsonl")
    with pytest.raises(CommandError, match=r"none\.jsonl cannot be read: No such file or directory\."):
        call_command("evaluate_relevance", missing, missing, missing)
