import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from shelf import Replay, answers

from corpus.sources import load_catalogue
from index.search import AREA_GAIN, probe, search
from index.store import context_text, current_build
from index.text import tokens

ROOT = Path(__file__).parents[2]


def test_dense_search_gives_the_cosine_with_every_passage_the_nearest_first(built):
    index = built.open()
    given = Replay(built.embedder, load_catalogue(built.folder)).given
    vectors = {
        p.id: given[context_text(index.sources[p.document], p)].vector for p in index.passages
    }
    for _, question in built.asked():
        cosines = {id: float(vector @ question.vector) for id, vector in vectors.items()}
        nearest_first = sorted(cosines, key=lambda id: (-cosines[id], id))

        found = index.dense(question.vector, 9)

        assert [id for id, _ in found] == nearest_first
        assert dict(found) == pytest.approx(cosines, abs=1e-5)
        assert all(abs(cosine) < 1 for _, cosine in found)
        assert index.dense(question.vector, 2) == found[:2]


def test_a_vector_and_its_opposite_have_cosine_minus_one(built):
    index = built.open()
    given = Replay(built.embedder, load_catalogue(built.folder)).given
    payment = next(p for p in index.passages if p.text.startswith("De gemeente"))
    vector = given[context_text(index.sources["plan-leyenburg"], payment)].vector

    assert index.dense(vector, 1) == [(payment.id, pytest.approx(1.0, abs=1e-5))]
    assert index.dense(-vector, 9)[-1] == (payment.id, pytest.approx(-1.0, abs=1e-5))


def test_lexical_search_finds_passages_that_hold_a_term_and_no_other(built):
    index = built.open()

    found = index.lexical(tokens("betaalt"), 9)
    assert [index.passages[index.row[id]].text for id, _ in found] == ["De gemeente betaalt alles."]
    assert {index.passages[index.row[id]].document for id, _ in index.lexical(["visie"], 9)} == {
        "wijzer"
    }
    coach = index.lexical(tokens("de coach"), 9)
    assert len(coach) == 3
    assert all(score > 0 for _, score in coach)
    assert coach == sorted(coach, key=lambda pair: (-pair[1], pair[0]))
    assert index.lexical(tokens("coach"), 2) == coach[:2]


def test_lexical_search_finds_nothing_for_words_that_stand_nowhere(built):
    index = built.open()

    assert index.lexical(tokens("zwembad olifant"), 9) == []
    assert index.lexical([], 9) == []
    assert index.lexical(tokens("zwembad betaalt"), 9) == index.lexical(tokens("betaalt"), 9)


def test_document_frequency_counts_passages_and_not_occurrences(built):
    index = built.open()

    assert index.document_frequency("coach") == 3
    assert index.document_frequency("leyenburg") == 2  # of the place in front of the text
    assert index.document_frequency("zwembad") == 0


ANSWER_ELSEWHERE = """
import json, pickle, sys
from pathlib import Path
from shelf import answers
from corpus.sources import load_catalogue
from index.build import build
from index.store import Index

folder, old, new, fingerprint, replay, asked = pickle.loads(Path(sys.argv[1]).read_bytes())
build(new, load_catalogue(folder), fingerprint, lambda: replay, lambda label, share: None)
print(json.dumps([answers(Index.open(place, fingerprint), asked) for place in (old, new)]))
"""


def test_answers_are_the_same_when_opened_again_and_in_a_process_with_another_hash_seed(
    built, tmp_path
):
    asked, fingerprint = built.asked(), built.embedder.fingerprint
    expected = answers(built.open(), asked)
    replay = Replay(built.embedder, load_catalogue(built.folder))
    handed = tmp_path / "handed"
    handed.write_bytes(
        pickle.dumps((built.folder, built.index_dir, tmp_path / "new", fingerprint, replay, asked))
    )

    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    run = subprocess.run(
        [sys.executable, "-c", ANSWER_ELSEWHERE, str(handed)],
        env={**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert all(expected)
    assert answers(built.open(), asked) == expected
    assert json.loads(run.stdout) == [expected, expected]


def test_centred_similarities_are_cosines_of_vectors_less_their_mean(built):
    index = built.open()
    every = np.load(current_build(built.index_dir) / "tokens.npy").astype(np.float64)
    centre = every.mean(axis=0)
    question = built.embedder.encode_query("kinderen kind é").tokens
    asked = question.astype(np.float64) - centre
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    start = 0
    for passage in index.passages:
        found = index.similarities(index.centred(question), passage.id)
        own = every[start : start + found.shape[1]] - centre
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        start += len(own)

        assert found == pytest.approx(asked @ own.T, abs=5e-3)
    assert start == len(every)


def test_an_asked_area_orders_the_hits_and_hides_none(built):
    index = built.open()
    text, encoded = built.asked()[0]
    ready = probe(index, encoded, text, frozenset())
    plain = {h.passage.id: h.score for h in search(index, ready, text, frozenset())}

    for asked, other in (("Leyenburg", "Ypenburg"), ("Ypenburg", "Leyenburg")):
        hits = search(index, ready, text, frozenset([asked]))

        assert {h.passage.id for h in hits} == plain.keys() == index.row.keys()
        gains = {h.passage.document: h.score - plain[h.passage.id] for h in hits}
        assert gains == pytest.approx(
            {"wijzer": 0, f"plan-{asked.lower()}": AREA_GAIN, f"plan-{other.lower()}": -AREA_GAIN}
        )
        assert hits[0].passage.document == f"plan-{asked.lower()}"
        assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


@pytest.mark.parametrize("order", [("alfa", "beta", "ceta"), ("ceta", "alfa", "beta")])
def test_equal_hits_come_in_order_of_id_whatever_the_order_of_the_catalogue(shelf, order):
    text, encoded = shelf.asked()[0]
    shelf.write({id: "Overleg\n\nDe coach helpt elk kind.\n" for id in order})
    shelf.build()
    index = shelf.open()

    hits = search(index, probe(index, encoded, text, frozenset()), text, frozenset())

    assert [h.passage.document for h in hits] == ["alfa", "beta", "ceta"]
    assert len({h.interaction for h in hits}) == len({h.cosine for h in hits}) == 1
    for found in (index.dense(encoded.vector, 9), index.lexical(tokens(text), 9)):
        assert [id.partition(":")[0] for id, _ in found] == ["alfa", "beta", "ceta"]
        assert len({score for _, score in found}) == 1


def test_token_offsets_point_at_words_of_the_passage_and_before_it_for_its_place(built):
    index = built.open()
    payment = next(p for p in index.passages if p.text.startswith("De gemeente"))

    offsets = index.token_offsets(payment.id)

    parts = [payment.text[start:end] for start, end in offsets if start >= 0]
    assert [part for part in parts if len(part) > 1] == ["De", "gemeente", "betaalt", "alles."]
    place = "Leyenburg › Kosten\n"
    before = [place[start + len(place) : end + len(place)] for start, end in offsets if start < 0]
    assert [part for part in before if len(part) > 1] == ["Leyenburg", "Kosten"]
