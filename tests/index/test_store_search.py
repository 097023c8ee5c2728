import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from shelf import Replay, answers

from corpus.abbreviations import Abbreviation
from corpus.sources import load_catalogue
from index.build import Aids
from index.search import AREA_GAIN, NAMED_GAIN, Wanted, probe, search
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

    found = index.lexical("betaalt", 9)
    assert [index.passages[index.row[id]].text for id, _ in found] == ["De gemeente betaalt alles."]
    assert {index.passages[index.row[id]].document for id, _ in index.lexical("visie", 9)} == {
        "wijzer"
    }
    coach = index.lexical("de coach", 9)
    assert len(coach) == 3
    assert all(score > 0 for _, score in coach)
    assert coach == sorted(coach, key=lambda pair: (-pair[1], pair[0]))
    assert index.lexical("coach", 2) == coach[:2]


def test_lexical_search_finds_nothing_for_words_that_are_like_none(built):
    index = built.open()

    assert index.lexical("zwembad olifant", 9) == []
    assert index.lexical("", 9) == []
    assert index.lexical("de van het", 9) == []
    assert index.lexical("zwembad betaalt", 9) == index.lexical("betaalt", 9)


def test_the_best_of_equal_scores_are_those_that_come_first_by_id(shelf):
    shelf.write({id: "Overleg\n\nDe coach helpt elk kind.\n" for id in ("ceta", "alfa", "beta")})
    shelf.build()

    found = shelf.open().lexical("coach", 2)

    assert [id.partition(":")[0] for id, _ in found] == ["alfa", "beta"]


COMPOUND = {
    "geld": "Kosten\n\nOuders krijgen kinderopvangtoeslag.\n",
    "taal": "Taal\n\nDe leidster leest voor.\n",
}


def test_a_compound_and_its_parts_find_each_other(shelf):
    shelf.write(COMPOUND)
    shelf.build()
    assert _found(shelf.open(), "toeslag voor de opvang") == ["geld"]

    shelf.write(COMPOUND | {"geld": "Kosten\n\nEr is een toeslag voor de opvang.\n"})
    shelf.build()
    assert _found(shelf.open(), "kinderopvangtoeslag") == ["geld"]


EXPLAINED = {
    "geld": "Kosten\n\nOuders betalen minder voor de buitenschoolse opvang (BSO).\n",
    "tijd": "Tijden\n\nDe bso sluit om zes uur.\n",
}


def test_an_abbreviation_and_what_it_stands_for_find_each_other(shelf):
    shelf.write(EXPLAINED | {"zorg": "Zorg\n\nDe buitenschoolse opvang heeft een coach.\n"})
    shelf.build()
    index = shelf.open()

    assert set(_found(index, "bso")) == {"geld", "tijd", "zorg"}
    assert set(_found(index, "buitenschoolse opvang")) == {"geld", "tijd", "zorg"}


def test_what_the_maintainer_lists_is_used_in_place_of_what_was_found(shelf):
    shelf.write(EXPLAINED)
    report = shelf.build()
    assert report.abbreviations == (Abbreviation("BSO", ("buitenschoolse opvang",)),)

    again = shelf.build(aids=Aids((Abbreviation("bso", ()), Abbreviation("UVO", ("zes uur",)))))

    assert (again.changed, again.embedded) == (True, 0)
    index = shelf.open()
    assert set(_found(index, "buitenschoolse opvang")) == {"geld"}
    assert set(_found(index, "UVO")) == {"tijd"}


def test_building_again_does_nothing_once_what_was_found_is_listed(shelf):
    shelf.write(EXPLAINED)
    listed = shelf.build().abbreviations
    names = shelf.names()
    shelf.shares.clear()

    again = shelf.build(aids=Aids(listed))

    assert (again.changed, again.abbreviations) == (False, listed)
    assert shelf.names() == names
    assert shelf.shares == [0.0]  # no document was read


def test_an_index_with_other_terms_is_written_anew_with_the_vectors_it_has(shelf, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr("index.build.LEXICAL", 0)
        earlier.setattr("index.build.passage_terms", tokens)
        shelf.build()
    assert shelf.open().lexical("gemeentelijke", 9) == []

    report = shelf.build()

    assert (report.changed, report.embedded) == (True, 0)
    assert [id.partition(":")[0] for id, _ in shelf.open().lexical("gemeentelijke", 9)] == [
        "plan-leyenburg"
    ]


def test_a_slip_in_a_word_finds_what_was_meant(shelf):
    shelf.write(
        {
            "geld": "Kosten\n\nOuders krijgen zes uur.\n",
            "tijd": "Tijden\n\nDe groep is gesloten.\n",
        }
    )
    shelf.build()

    assert _found(shelf.open(), "groeb") == ["tijd"]
    assert _found(shelf.open(), "kirjgen") == ["geld"]


def _found(index, text):
    return [id.partition(":")[0] for id, _ in index.lexical(text, 9)]


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
        found = index.similarities(index.centred(question), [passage.id])[passage.id]
        own = every[start : start + found.shape[1]] - centre
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        start += len(own)

        assert found == pytest.approx(asked @ own.T, abs=5e-3)
    assert start == len(every)


def test_an_asked_area_orders_the_hits_and_hides_none(built):
    index = built.open()
    text, encoded = built.asked()[0]
    ready = probe(index, encoded, text, frozenset())
    plain = {h.passage.id: h.score for h in search(index, ready, text, Wanted())}

    for asked, other in (("Leyenburg", "Ypenburg"), ("Ypenburg", "Leyenburg")):
        hits = search(index, ready, text, Wanted(frozenset([asked])))

        assert {h.passage.id for h in hits} == plain.keys() == index.row.keys()
        gains = {h.passage.document: h.score - plain[h.passage.id] for h in hits}
        assert gains == pytest.approx(
            {"wijzer": 0, f"plan-{asked.lower()}": AREA_GAIN, f"plan-{other.lower()}": -AREA_GAIN}
        )
        assert hits[0].passage.document == f"plan-{asked.lower()}"
        assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_a_document_that_the_question_names_comes_forward_and_hides_none(built):
    index = built.open()
    text, encoded = built.asked()[0]
    ready = probe(index, encoded, text, frozenset())
    plain = {h.passage.id: h.score for h in search(index, ready, text, Wanted())}
    hits = search(index, ready, text, Wanted(documents=frozenset(["wijzer"])))
    assert {h.passage.id for h in hits} == plain.keys()
    for hit in hits:
        gain = NAMED_GAIN if hit.passage.document == "wijzer" else 0
        assert hit.score == pytest.approx(plain[hit.passage.id] + gain)


@pytest.mark.parametrize("order", [("alfa", "beta", "ceta"), ("ceta", "alfa", "beta")])
def test_equal_hits_come_in_order_of_id_whatever_the_order_of_the_catalogue(shelf, order):
    text, encoded = shelf.asked()[0]
    shelf.write({id: "Overleg\n\nDe coach helpt elk kind.\n" for id in order})
    shelf.build()
    index = shelf.open()

    hits = search(index, probe(index, encoded, text, frozenset()), text, Wanted())

    assert [h.passage.document for h in hits] == ["alfa", "beta", "ceta"]
    assert len({h.interaction for h in hits}) == len({h.cosine for h in hits}) == 1
    for found in (index.dense(encoded.vector, 9), index.lexical(text, 9)):
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
