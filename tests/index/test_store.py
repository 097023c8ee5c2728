import json
from datetime import date
from pathlib import Path

import pytest
from shelf import HANDREIKING, LEYENBURG, SHELF, YPENBURG, Replay, Shelf, answers, texts_by_document

from corpus.errors import (
    DocumentChanged,
    DocumentMissing,
    DocumentUnreadable,
    IndexMissing,
    IndexOutdated,
)
from corpus.passages import passages
from corpus.read import read
from corpus.sources import load_catalogue
from index.build import build
from index.store import Index, current_build


def test_what_was_built_is_there_when_it_is_opened(built):
    index = built.open()

    assert texts_by_document(index) == {
        "wijzer": [
            "Ieder kind is welkom, óók een kind met extra zorg. De groep blijft klein.",
            "De coach overlegt elke week met de school.",
        ],
        "plan-leyenburg": [
            "Een coach helpt kinderen in de groep. De coach komt elke week.",
            "De gemeente betaalt alles.",
        ],
        "plan-ypenburg": ["Een coach helpt kinderen in de groep. De coach komt elke week."],
    }
    assert [p.section for p in index.passages][:2] == [("Visie",), ("Overleg",)]
    assert index.sources["plan-ypenburg"].areas == ("Ypenburg",)
    assert index.sources == {source.id: source for source in load_catalogue(built.folder)}


def test_every_quote_is_in_the_file_as_it_was_written(built):
    index = built.open()
    quotes = [
        index.documents[passage.document].text[sentence.start : sentence.end]
        for passage in index.passages
        for sentence in passage.sentences
    ]

    assert index.documents["wijzer"].text.encode() == (built.folder / "wijzer.txt").read_bytes()
    assert quotes == [
        "Ieder kind is welkom, óók een kind met extra\u00a0zorg.",
        "De groep blijft\u00ad klein.",
        "De coach overlegt elke week met de school.",
        "Een coach helpt kinderen in de groep.",
        "De coach komt elke week.",
        "De gemeente betaalt alles.",
        "Een coach helpt kinderen in de groep.",
        "De coach komt elke week.",
    ]


def test_building_again_without_a_change_does_nothing(shelf):
    shelf.build()
    names = shelf.names()

    report = shelf.build()

    assert (report.documents, report.passages) == (3, 5)
    assert (report.changed, report.embedded, shelf.loads) == (False, 0, 1)
    assert shelf.names() == names


def test_a_changed_paragraph_is_embedded_and_nothing_else(shelf):
    shelf.build()
    # What comes before and after it is moved, and must be recognised all the same.
    longer = LEYENBURG.replace("Een coach helpt", "Altijd helpt een vaste coach")
    shelf.write(SHELF | {"plan-leyenburg": longer})

    report = shelf.build()

    index = shelf.open()
    assert (report.changed, report.embedded, report.passages) == (True, 1, 5)
    shares = [round(share, 9) for share in shelf.shares]
    assert shares == sorted(shares)
    assert shelf.shares[-1] == 1.0
    assert texts_by_document(index)["plan-leyenburg"] == [
        "Altijd helpt een vaste coach kinderen in de groep. De coach komt elke week.",
        "De gemeente betaalt alles.",
    ]
    assert index.lexical("vaste", 9)[0][0] == index.passages[2].id
    assert len(index.dense(shelf.embedder.encode_query("coach").vector, 9)) == 5


def test_an_index_made_in_steps_answers_as_one_made_at_once(shelf, tmp_path):
    replay = Replay(shelf.embedder, load_catalogue(shelf.folder))
    at_once = Shelf(shelf.folder, tmp_path / "at once", shelf.embedder)
    at_once.build(replay)
    shelf.write({"wijzer": HANDREIKING})
    shelf.build(replay)
    shelf.write({"wijzer": HANDREIKING, "plan-ypenburg": "Weg\n\nDit gaat weer weg.\n"})
    shelf.build()
    shelf.write(SHELF)

    report = shelf.build(replay)

    assert report.embedded == 3
    assert answers(shelf.open(), shelf.asked()) == answers(at_once.open(), shelf.asked())


def test_a_document_that_left_the_catalogue_leaves_the_index(shelf):
    shelf.build()
    shelf.write({"wijzer": HANDREIKING, "plan-ypenburg": YPENBURG})

    report = shelf.build()

    index = shelf.open()
    assert (report.documents, report.passages, report.embedded) == (2, 3, 0)
    assert list(index.documents) == list(index.sources) == ["wijzer", "plan-ypenburg"]
    assert index.lexical("betaalt", 9) == []
    assert len(index.dense(shelf.embedder.encode_query("coach").vector, 9)) == 3
    assert shelf.loads == 1


def supersede(shelf, by="wijzer"):
    """Let the last document of the shelf, Ypenburg's, give way to another."""
    catalogue = shelf.folder / "bronnen.toml"
    lines = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(f'{lines}\nsuperseded_by = "{by}"\n', encoding="utf-8")


@pytest.mark.parametrize("searched_before", [True, False])
def test_a_superseded_document_is_not_searched_and_its_text_stays(shelf, searched_before):
    if searched_before:
        shelf.build()
    supersede(shelf)

    report = shelf.build()

    index = shelf.open()
    assert (report.documents, report.passages) == (2, 4)
    assert report.embedded == (0 if searched_before else 4)
    assert {p.document for p in index.passages} == {"wijzer", "plan-leyenburg"}
    assert index.documents["plan-ypenburg"].text == YPENBURG
    assert index.sources["plan-ypenburg"].superseded_by == "wijzer"
    assert len(index.dense(shelf.embedder.encode_query("coach").vector, 9)) == 4
    again = shelf.build()
    assert (again.changed, again.documents, again.passages) == (False, 2, 4)


def test_a_superseded_document_whose_file_is_gone_keeps_its_text_and_is_not_searched(shelf):
    shelf.build()
    supersede(shelf)
    (shelf.folder / "plan-ypenburg.txt").unlink()

    report = shelf.build()

    index = shelf.open()
    assert [type(problem) for problem in report.problems] == [DocumentMissing]
    assert {p.document for p in index.passages} == {"wijzer", "plan-leyenburg"}
    assert index.documents["plan-ypenburg"].text == YPENBURG
    assert index.sources["plan-ypenburg"].superseded_by == "wijzer"


def test_only_the_document_that_changed_is_read(shelf, monkeypatch):
    shelf.build()
    opened = []

    def watched(document, path, on_page):
        opened.append(document)
        return read(document, path, on_page)

    monkeypatch.setattr("index.build.read", watched)
    shelf.write(SHELF | {"plan-leyenburg": LEYENBURG.replace("alles", "niets")})

    report = shelf.build()

    assert (report.changed, report.passages, report.embedded) == (True, 5, 1)
    assert opened == ["plan-leyenburg"]
    assert texts_by_document(shelf.open())["plan-leyenburg"][1] == "De gemeente betaalt niets."


def test_a_date_of_the_catalogue_comes_back_from_the_index(shelf):
    catalogue = shelf.folder / "bronnen.toml"
    lines = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(lines + "\nvalid_until = 2026-12-31\n", encoding="utf-8")

    shelf.build()

    index = shelf.open()
    assert index.sources["plan-ypenburg"].valid_until == date(2026, 12, 31)
    assert index.sources["wijzer"].valid_until is None


def test_a_new_document_is_added_to_the_others(shelf):
    shelf.build()
    shelf.write(SHELF | {"nieuw": "Inspraak\n\nOuders praten mee.\n"})

    report = shelf.build()

    assert (report.documents, report.passages, report.embedded) == (4, 6, 1)
    assert texts_by_document(shelf.open())["nieuw"] == ["Ouders praten mee."]


def test_a_new_title_is_taken_over_without_embedding(shelf):
    shelf.build()
    shelf.write(SHELF, title="Een nieuwe titel")

    report = shelf.build()

    assert (report.changed, report.embedded, shelf.loads) == (True, 0, 1)
    assert shelf.open().sources["wijzer"].title == "Een nieuwe titel"


def test_where_a_text_is_printed_again_is_kept_and_an_older_index_without_it_still_opens(shelf):
    again = "De coach van de wijk helpt alle groepen die daarom vragen, en komt elke week langs. "
    text = f"Visie\n\n{again * 2}\n\n\n\nUitwerking\n\n{again * 2}\n"
    shelf.write(SHELF | {"nieuw": text})
    shelf.build()
    (source,) = (s for s in load_catalogue(shelf.folder) if s.id == "nieuw")
    made = passages(source, read(source.id, source.path))
    assert [[place.section for place in p.also] for p in made] == [[("Uitwerking",)]]

    assert tuple(p for p in shelf.open().passages if p.document == "nieuw") == made

    _forget_places(current_build(shelf.index_dir))
    older = shelf.open()
    assert not any(p.also for p in older.passages)
    assert (shelf.build().embedded, shelf.open().passages[-1].also) == (0, made[-1].also)


def _forget_places(folder):
    """Make a build as it was before places were kept, by code of that time."""
    path = folder / "passages.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        del row["also"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["sizes"]["passages.jsonl"] = path.stat().st_size
    manifest |= {"stamps": {}, "inputs": "older", "key": "older"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(("swapped", "error"), [(True, DocumentChanged), (False, DocumentMissing)])
def test_a_broken_document_is_reported_and_keeps_its_passages_while_the_others_go_on(
    shelf, swapped, error
):
    shelf.build()
    before = texts_by_document(shelf.open())
    shelf.write(SHELF | {"plan-ypenburg": YPENBURG.replace("elke week", "elke dag")})
    broken = shelf.folder / "plan-leyenburg.txt"
    if swapped:
        broken.write_text("Iets heel anders.\n", encoding="utf-8")
    else:
        broken.unlink()

    report = shelf.build()

    after = texts_by_document(shelf.open())
    assert [type(problem) for problem in report.problems] == [error]
    assert "plan-leyenburg" in str(report.problems[0])
    assert (report.documents, report.passages, report.embedded) == (3, 5, 1)
    assert after["plan-leyenburg"] == before["plan-leyenburg"]
    assert after["plan-ypenburg"] == [
        "Een coach helpt kinderen in de groep. De coach komt elke dag."
    ]
    assert shelf.open().documents["plan-leyenburg"].text == LEYENBURG

    again = shelf.build()
    assert (again.changed, len(again.problems)) == (False, 1)


def test_a_document_without_a_sentence_is_reported_and_the_others_go_on(shelf):
    shelf.write(SHELF | {"leeg": "Inhoud\n"})

    report = shelf.build()

    assert [type(problem) for problem in report.problems] == [DocumentUnreadable]
    assert "leeg" in str(report.problems[0])
    assert list(shelf.open().documents) == list(SHELF)


def test_when_every_document_breaks_the_index_stays_and_each_is_reported(shelf):
    shelf.build()
    expected = answers(shelf.open(), shelf.asked())
    for id in SHELF:
        (shelf.folder / f"{id}.txt").unlink()

    report = shelf.build()

    assert (report.changed, report.documents, len(report.problems)) == (False, 3, 3)
    assert answers(shelf.open(), shelf.asked()) == expected


def test_when_every_document_is_broken_at_first_the_error_is_raised_and_nothing_is_left(shelf):
    for id in SHELF:
        (shelf.folder / f"{id}.txt").unlink()

    with pytest.raises(DocumentMissing, match="wijzer"):
        shelf.build()

    assert shelf.names() == []
    with pytest.raises(IndexMissing):
        shelf.open()


def test_an_index_of_another_model_is_outdated_and_the_advice_is_to_ingest(built):
    with pytest.raises(IndexOutdated, match="embedding-model") as error:
        Index.open(built.index_dir, "another")

    assert "python -m assistant ingest" in error.value.advice


def test_an_index_of_another_format_is_outdated_until_it_is_built_again(shelf):
    shelf.build()
    path = current_build(shelf.index_dir) / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    changed = manifest | {"format": manifest["format"] + 1, "key": "of that format"}
    path.write_text(json.dumps(changed), encoding="utf-8")

    with pytest.raises(IndexOutdated, match="andere versie") as error:
        shelf.open()
    assert "python -m assistant ingest" in error.value.advice

    assert shelf.build().embedded == 5
    assert len(shelf.open().passages) == 5


def shorten(path):
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("tokens.npy", shorten),
        ("offsets.npy", shorten),
        ("centre.npy", Path.unlink),
        ("documents.jsonl", lambda path: path.write_bytes(path.read_bytes() * 2)),
        ("bm25/vocab.index.json", Path.unlink),
        ("chroma/chroma.sqlite3", shorten),
        ("manifest.json", shorten),
    ],
)
def test_a_damaged_index_is_not_opened_and_the_next_ingest_makes_it_anew(shelf, name, damage):
    shelf.build()
    expected = answers(shelf.open(), shelf.asked())
    damage(current_build(shelf.index_dir) / name)

    with pytest.raises(IndexOutdated, match="beschadigd") as error:
        shelf.open()
    assert "python -m assistant ingest" in error.value.advice

    report = shelf.build()
    assert (report.changed, report.embedded) == (True, 5)
    assert answers(shelf.open(), shelf.asked()) == expected
    assert shelf.build().changed is False


def test_another_model_makes_every_passage_anew(shelf):
    shelf.build()
    sources = load_catalogue(shelf.folder)

    report = build(
        shelf.index_dir, sources, "another", lambda: shelf.embedder, lambda label, share: None
    )

    assert (report.changed, report.embedded) == (True, 5)
    assert len(Index.open(shelf.index_dir, "another").passages) == 5


def test_without_an_index_the_advice_is_to_ingest(tmp_path):
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(IndexMissing) as error:
            Index.open(place, "any")
        assert "python -m assistant ingest" in error.value.advice
