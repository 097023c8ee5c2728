import dataclasses
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import InputFileError
from evals import growth, results
from evals.grown import BLOCK, Base, Nearest, recall, texts, unit, vectors
from evals.growth_report import Figures, Growth, Times, markdown, read, write

WORDS = (
    "coach kind groep ouder school taal geld week plan wijk zorg team huis tuin boek spel".split()
)


def base(n: int = 60, dimensions: int = 24) -> Base:
    rng = np.random.default_rng(1)
    made = unit(rng.standard_normal((n, dimensions), dtype=np.float32))
    sentences = [
        tuple(
            f"De {rng.choice(WORDS)} en de {rng.choice(WORDS)} van nummer {row}." for _ in range(4)
        )
        for row in range(n)
    ]
    return Base(
        made,
        unit(made[:5] + np.float32(0.1)),
        tuple(f"Plaats {row}\n" for row in range(n)),
        tuple(sentences),
        tuple(f"Wat doet de {word}?" for word in WORDS[:5]),
        (("KDV", ("kinderdagverblijf",)),),
        {"coach": 3},
        ("coach",),
    )


def test_a_collection_has_unit_vectors_and_is_the_same_each_time():
    made = list(vectors(base(), BLOCK + 7))
    assert [len(block) for block in made] == [BLOCK, 7]
    assert np.linalg.norm(np.concatenate(made), axis=1) == pytest.approx(1, abs=1e-5)
    for block, again in zip(made, vectors(base(), BLOCK + 7), strict=True):
        assert np.array_equal(block, again)
    assert len(np.unique(np.concatenate(made), axis=0)) == BLOCK + 7
    assert list(texts(base(), 30)) == list(texts(base(), 30))


def test_a_text_has_the_place_of_one_passage_and_sentences_of_two_at_most():
    found = base()
    owner = {sentence: row for row, told in enumerate(found.sentences) for sentence in told}
    made = list(texts(found, 200))
    assert len(made) == 200
    for text in made:
        place, _, told = text.partition("\n")
        rows = {owner[f"De {sentence}"] for sentence in told.removeprefix("De ").split(" De ")}
        assert 1 <= len(rows) <= 2
        assert place.startswith("Plaats ")


def test_a_base_comes_back_as_it_was_saved(tmp_path: Path):
    found = base()
    found.save(tmp_path)
    again, arrays = Base.load(tmp_path), {"vectors": 0, "asked": 0}
    for name in arrays:
        assert np.array_equal(getattr(again, name), getattr(found, name))
    assert dataclasses.replace(again, **arrays) == dataclasses.replace(found, **arrays)


def test_exact_search_over_blocks_finds_the_nearest_of_all():
    # Cosines with (1, 0): 0, 0.6, 1, 0.8, -1.
    rows = np.array([[0, 1], [0.6, 0.8], [1, 0], [0.8, 0.6], [-1, 0]], dtype=np.float32)
    nearest = Nearest(np.array([[1, 0]], dtype=np.float32), 3)
    nearest.add(rows[:2])
    nearest.add(rows[2:])
    assert nearest.rows.tolist() == [[2, 3, 1]]


def test_recall_is_the_mean_share_of_the_exact_rows_that_were_found():
    exact = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    assert recall([{1, 2, 3, 9}, {5, 6, 7, 8}], exact) == pytest.approx((3 / 4 + 1) / 2)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    folder = tmp_path_factory.mktemp("growth")
    base().save(folder)
    return growth.measure(folder, 1000, None, server=False)


def test_a_small_collection_gives_all_figures_and_nearly_all_neighbours(measured: Figures):
    assert measured.passages == 1000
    assert measured.recall > 0.9
    for value in dataclasses.asdict(measured).values():
        for figure in value.values() if isinstance(value, dict) else [value]:
            assert figure == "" or figure > 0
    for times in (measured.dense, measured.lexical, measured.both, measured.retrieve):
        assert times is not None
        assert times.p50 <= times.p95
    assert measured.both is not None
    assert measured.lexical is not None
    assert measured.both.p50 > max(measured.dense.p50, measured.lexical.p50)


def test_settings_of_chroma_are_measured_on_the_vectors_alone_with_the_memory_of_a_server(
    tmp_path: Path, measured: Figures
):
    base().save(tmp_path)
    figures = growth.measure(tmp_path, 600, {"ef_search": 150, "max_neighbors": 8}, server=True)
    assert figures.hnsw == "ef_search 150, max_neighbors 8"
    assert figures.recall > 0.9
    assert (figures.lexical, figures.both, figures.lexical_build_s) == (None, None, None)
    assert figures.memory_mb > measured.memory_mb
    assert figures.disk_mb > 1


def _growth(figures: Figures, date: str = "2026-01-02T10:00:00", server: bool = False) -> Growth:
    machine = {"cores": 2, "memory_gb": 16, "processor": "P"}
    return Growth("abc", date, machine, server, (figures,))


FIGURES = Figures(
    *(10_000, "", 1234.4, 567.8, 1.25, 0.9876, 12.0, 300.0, Times(2.04, 3.06)),
    *(4.0, 200.0, Times(5.0, 6.0), Times(7.0, 9.0), Times(1.0, 2.0)),
)


def test_what_was_measured_is_read_again_the_newest_with_and_without_a_server(tmp_path: Path):
    assert read(tmp_path) == ()
    write(_growth(FIGURES), tmp_path)
    older = dataclasses.replace(_growth(FIGURES, "2026-01-01T10:00:00"), commit="older")
    write(older, tmp_path)
    write(_growth(FIGURES, server=True), tmp_path)
    assert read(tmp_path) == (_growth(FIGURES), _growth(FIGURES, server=True))
    with pytest.raises(InputFileError, match="geen uitslagen"):
        results.read(tmp_path)  # these are no answers
    (tmp_path / "groei-x.json").write_text(json.dumps({"figures": []}), encoding="utf-8")
    with pytest.raises(InputFileError, match="geen meting van groei"):
        read(tmp_path)


def test_the_tables_are_written_the_dutch_way():
    compared = dataclasses.replace(FIGURES, hnsw="ef_search 200", lexical=None)
    lines = markdown(_growth(FIGURES).having(compared)).splitlines()
    assert (
        "| 10.000 | 2,0 / 3,1 | 5,0 / 6,0 | 7,0 / 9,0 | 1,0 / 2,0 | 0,988 | 12 / 4 | 1,2 | 1.234 | 568 |"
        in lines
    )
    assert "| 10.000 | ef_search 200 | 2,0 / 3,1 | 0,988 | 12 | 1.234 | 568 |" in lines


def test_a_task_that_fails_ends_the_measurement(tmp_path: Path):
    with pytest.raises(subprocess.CalledProcessError):
        growth.elsewhere(growth.Task("ask", str(tmp_path), 10))
