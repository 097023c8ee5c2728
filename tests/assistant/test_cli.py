import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.__main__ import main
from assistant.ask import Assistant
from corpus.errors import IndexMissing

ROOT = Path(__file__).parents[2]
FIELDS = {
    "": "id question status answer statements citations passages model timings_ms warnings confidence",
    "statements": "text citations support",
    "citations": "n document title section page quote start end url also",
    "passages": "document section page text score",
}
COUNTS = "Hoe vaak komt het voorscholenoverleg bij elkaar?"


@pytest.fixture
def opened(assistant, monkeypatch, tmp_path):
    """Commands use the real assistant that the tests have open already."""
    monkeypatch.setattr(Assistant, "open", lambda settings: assistant)
    monkeypatch.chdir(tmp_path)
    return assistant


def check_record(record, assistant):
    assert list(record) == FIELDS[""].split()
    assert list(record["timings_ms"]) == ["retrieve", "first", "total"]
    for part in ("statements", "citations", "passages"):
        for item in record[part]:
            assert list(item) == FIELDS[part].split()
    assert [c["n"] for c in record["citations"]] == list(range(1, len(record["citations"]) + 1))
    for c in record["citations"]:
        assert c["quote"] == assistant.document_text(c["document"])[c["start"] : c["end"]]


def batch(tmp_path, text, *options):
    source, target = tmp_path / "vragen.jsonl", tmp_path / "antwoorden.jsonl"
    source.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    status = main(["batch", "--in", str(source), "--out", str(target), *options])
    # One record a line; a line may hold other line ends than \n inside its texts.
    written = target.read_bytes().decode("utf-8") if target.exists() else ""
    return status, [json.loads(line) for line in written.split("\n")[:-1]]


@pytest.mark.models
def test_ask_json_writes_one_whole_record_and_nothing_else(opened, capsys):
    assert main(["ask", "--json", COUNTS]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    record = json.loads(out)
    check_record(record, opened)
    assert (record["id"], record["question"]) == (None, COUNTS)
    assert (record["status"], record["model"]) == ("answered", "quotes")
    assert len(record["passages"]) >= 10
    assert record["statements"] != []


@pytest.mark.models
def test_ask_prints_the_answer_and_then_each_source_with_its_quote(opened, capsys):
    assert main(["ask", COUNTS]) == 0
    out = capsys.readouterr().out
    answer, sources = out.split("\nBronnen:\n")
    assert "Het overleg vindt vier keer per jaar plaats" in answer
    assert answer.count("[1]") == 1
    assert "\n[2] Gebiedsplan inclusieve kinderopvang Leidschenveen-Ypenburg (2025), " in sources
    assert "“Het overleg vindt vier keer per jaar plaats" in sources


@pytest.mark.models
def test_ask_about_something_else_says_so_and_names_the_documents(opened, capsys):
    assert main(["ask", "Wat is de hoofdstad van Mongolië?"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Dat staat niet in de documenten.\n\nGezocht in:\n- ")
    assert "- Presentatie Passende opvang\n" in out
    assert "dichtst in de buurt" not in out
    assert "Bronnen:" not in out


@pytest.mark.models
def test_what_is_nearest_to_something_that_is_not_told_is_marked_as_no_answer(opened, capsys):
    assert main(["ask", "Wat is het telefoonnummer van het CJG in Ypenburg?"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Dat staat niet in de documenten.")
    assert "\nDit komt het dichtst in de buurt, maar is geen antwoord:\n" in out
    assert "Bronnen:" not in out


@pytest.mark.models
def test_a_batch_gives_a_record_for_every_line_in_order(opened, tmp_path):
    history = [
        {"role": "user", "content": "Wie helpt bij taal in Ypenburg?"},
        {"role": "assistant", "content": "De Voorleesexpress."},
    ]
    lines = [
        json.dumps({"id": "a", "question": COUNTS, "split": "tune"}),
        json.dumps({"id": 2, "question": "En in Leyenburg?", "history": history}),
        "dit is geen JSON",
        json.dumps({"id": {"n": 4}, "vraag": "verkeerd veld"}),
        "",
        json.dumps({"id": [5], "question": ""}),
        json.dumps(["een", "lijst"]),
        json.dumps({"id": None, "question": 7}),
        json.dumps({"id": 8.5, "question": "Wat?", "history": [{"content": "zonder rol"}]}),
        json.dumps({"id": True, "question": "Wie helpt bij taal in Scheveningen?"}),
    ]
    status, records = batch(tmp_path, "\n".join(lines))
    assert status == 0
    for record in records:
        check_record(record, opened)
    assert [(r["id"], r["status"]) for r in records] == [
        ("a", "answered"),
        (2, "answered"),
        (None, "error"),
        ({"n": 4}, "error"),
        ([5], "error"),
        (None, "error"),
        (None, "error"),
        (8.5, "error"),
        (True, "abstained"),
    ]
    assert records[2]["answer"].startswith("Regel 3 is geen vraag in JSON")
    assert records[3]["answer"].startswith("Regel 4 is geen vraag in JSON")
    assert records[4]["answer"].startswith("Er staat nog geen vraag.")
    cited = {c["document"] for c in records[1]["citations"]}
    assert "gebiedsplan-leidschenveen-ypenburg" not in cited


@pytest.mark.models
def test_text_of_any_kind_comes_back_unchanged(opened, tmp_path):
    # A line separator, half a surrogate pair, an emoji; a byte order mark and Windows line ends.
    questions = ["wie helpt?\u2028en wanneer?", "wie \ud83d helpt?", "wie helpt bij \U0001f9d2?"]
    lines = [json.dumps({"id": q, "question": q}, ensure_ascii="\ud83d" in q) for q in questions]
    status, records = batch(tmp_path, "\ufeff" + "\r\n".join(lines) + "\r\n")
    assert status == 0
    assert [r["id"] for r in records] == questions
    assert [r["question"] for r in records] == questions


@pytest.mark.models
def test_a_batch_is_written_as_it_goes(assistant, monkeypatch, tmp_path):
    lines_there = []

    class Watched:
        def ask(self, question, history):
            lines_there.append((tmp_path / "antwoorden.jsonl").read_bytes().count(b"\n"))
            return assistant.ask(question, history)

    monkeypatch.setattr(Assistant, "open", lambda settings: Watched())
    batch(tmp_path, '{"question": "?"}\n' * 3)
    assert lines_there == [0, 1, 2]


@pytest.mark.models
@pytest.mark.parametrize(("limit", "told"), [("0", 0), ("2", 2), ("9", 3)])
def test_a_limit_stops_after_so_many_lines(opened, tmp_path, limit, told):
    status, records = batch(tmp_path, '{"question": "?"}\n' * 3, "--limit", limit)
    assert (status, len(records)) == (0, told)


def said(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_a_file_that_is_not_there_is_named_in_dutch(tmp_path, capsys):
    source = tmp_path / "weg.jsonl"
    assert main(["batch", "--in", str(source), "--out", str(tmp_path / "uit.jsonl")]) == 2
    expected = f"Het bestand {source} kan niet worden gebruikt: het bestaat niet."
    assert said(capsys).startswith(expected)
    assert not (tmp_path / "uit.jsonl").exists()


@pytest.mark.parametrize("content", ["vraag: één".encode("cp1252"), b"\x89PNG\r\n\x1a\n\xff\xfe"])
def test_a_file_that_is_no_utf8_is_refused(tmp_path, capsys, content):
    status, records = batch(tmp_path, content)
    assert (status, records) == (2, [])
    assert "het is geen tekst in UTF-8" in said(capsys)


def test_a_folder_cannot_be_read_and_not_be_written(tmp_path, capsys):
    out = str(tmp_path / "uit.jsonl")
    assert main(["batch", "--in", str(tmp_path), "--out", out]) == 2
    assert "het is een map" in said(capsys)
    (tmp_path / "in.jsonl").write_text('{"question": "?"}\n', encoding="utf-8")
    assert main(["batch", "--in", str(tmp_path / "in.jsonl"), "--out", str(tmp_path)]) == 2
    assert "het is een map" in said(capsys)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "fout: dit ontbreekt nog: opdracht"),
        (["batch", "--in", "x"], "fout: dit ontbreekt nog: --out"),
        (["batch", "--in"], "fout bij --in: er hoort één waarde achter"),
        (["batch", "--in", "x", "--out", "y", "--limit", "-1"], "fout bij --limit: -1 is geen"),
        (["ask"], "fout: dit ontbreekt nog: vraag"),
        (["ask", "--model", "groot", "vraag"], "fout bij --model: onbekende keuze: 'groot'"),
        (["ask", "vraag", "nog iets"], "fout: dit is onbekend: nog iets"),
        (["vraag"], "fout bij opdracht: onbekende keuze: 'vraag'"),
    ],
)
def test_bad_arguments_are_told_in_dutch_with_status_2(arguments, sentence, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err.splitlines()[-1]


COMMANDS = "ask batch prepare doctor serve ingest add replace remove inspect"


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS.split())])
def test_help_is_dutch(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*command, "--help"])
    assert stop.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith("gebruik: python -m assistant")
    assert "toon deze uitleg en stop" in told
    for english in ("usage", "option", "argument:", "positional", "show", "exit"):
        assert english not in told.replace("argumenten:", "")


def test_an_error_is_one_dutch_sentence_and_its_hint_with_status_1(monkeypatch, capsys):
    def open(settings):
        raise IndexMissing()

    monkeypatch.setattr(Assistant, "open", open)
    assert main(["ask", "--json", "Wie helpt?"]) == 1
    expected = "De documenten zijn nog niet ingelezen. Voer uit: python -m assistant ingest\n"
    assert said(capsys) == expected


def test_a_wrong_setting_ends_with_status_1(monkeypatch, capsys):
    monkeypatch.setenv("WEGWIJZER_PORT", "hoog")
    assert main(["ask", "Wie helpt?"]) == 1
    assert said(capsys).startswith("De instelling port kan niet worden gebruikt")


def test_the_model_of_the_arguments_wins_over_the_environment(monkeypatch, capsys):
    monkeypatch.setenv("WEGWIJZER_MODEL", "local")
    chosen = []

    def open(settings):
        chosen.append(settings.model)
        raise IndexMissing()

    monkeypatch.setattr(Assistant, "open", open)
    main(["ask", "--model", "quotes", "Wie helpt?"])
    main(["ask", "Wie helpt?"])
    assert chosen == ["quotes", "local"]


@pytest.mark.models
@pytest.mark.usefixtures("assistant")
def test_a_process_of_its_own_writes_one_record_to_stdout(tmp_path):
    settings = {**os.environ, "WEGWIJZER_MODEL": "quotes", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "assistant", "ask", "--json", "Wie helpt bij taal?"]
    run = subprocess.run(
        command, cwd=tmp_path, env=settings, capture_output=True, check=False, timeout=300
    )
    assert run.returncode == 0, run.stderr.decode()
    lines = run.stdout.decode("utf-8").split("\n")
    assert lines[1:] == [""]
    record = json.loads(lines[0])
    assert (record["question"], record["status"]) == ("Wie helpt bij taal?", "answered")


def test_a_document_to_leave_out_that_does_not_exist_is_told_before_anything_is_taught(
    tmp_path, capsys
):
    out = tmp_path / "geleerd"
    assert main(["teach", "--out", str(out), "--leave-out", "gebiedsplan-nergens"]) != 0
    assert "gebiedsplan-nergens" in capsys.readouterr().err
    assert not out.exists()
