"""What teaching gives a document that it never saw."""

import pytest

from evals.gold import load_gold
from evals.left_out import GOLD, MEASURES, about, main, table_row

PLAN = "gebiedsplan-leidschenveen-ypenburg"


def test_the_questions_are_those_that_the_document_alone_answers():
    found = about(load_gold(GOLD, "all"), PLAN)
    assert len(found) > 30
    assert all(gold.answerable and gold.documents == (PLAN,) for gold in found)


def test_a_row_has_every_measure_and_the_chance_against_the_untaught_model():
    untaught = {name: {"a": 0.0, "b": 0.0, "c": 1.0} for name in MEASURES}
    taught = {name: {"a": 1.0, "b": 1.0, "c": 1.0} for name in MEASURES}
    assert table_row("niets", untaught, untaught).endswith("| – |")
    # Two won and none lost: either way that has a chance of a half.
    assert table_row("alles", taught, untaught).endswith("| 0,500 |")
    assert table_row("alles", taught, untaught).count("n=3") == len(MEASURES)


def test_an_unknown_document_or_adapter_is_told_at_once(tmp_path, capsys):
    for document, told in (("weg", "geen vraag over weg"), (PLAN, "bestaat niet")):
        with pytest.raises(SystemExit):
            main([document, "--adapter", str(tmp_path / "weg.safetensors")])
        assert told in capsys.readouterr().err
