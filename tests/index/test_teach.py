import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from corpus.errors import InputFileError, ModelDamaged
from corpus.passages import spans
from index import adapter
from index.embedder import Embedder
from index.questions import Example, load_questions, load_texts
from index.teach import Start, split, teach
from index.teacher import SAME, Settings, Teacher

RUN = Settings(epochs=2, seed=1, left_out="", rank=4, rate=1e-2, batch=3, hard=2)
ASKED = {
    "wijzer": "welk kind mag komen",
    "plan-leyenburg": "wie zit er in de groep",
    "plan-ypenburg": "wanneer is de coach er",
}


def layers():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(6, 5), nn.GELU(), nn.Linear(5, 4))


def test_a_new_change_changes_nothing_and_only_it_is_trained():
    model, x = layers(), torch.randn(3, 6)
    before = model(x)
    trainable = adapter.attach(model, 2)
    assert torch.equal(model(x), before)
    assert sum(p.numel() for p in trainable) == 2 * (6 + 5) + 2 * (5 + 4)
    assert {id(p) for p in model.parameters() if p.requires_grad} == {id(p) for p in trainable}


def test_what_was_taught_is_the_same_once_it_is_added_to_the_weights(tmp_path):
    taught, plain, x = layers(), layers(), torch.randn(3, 6)
    for change in adapter.attach(taught, 2):
        nn.init.normal_(change)
    adapter.save(taught, tmp_path / "adapter.safetensors")
    adapter.merge(plain, tmp_path / "adapter.safetensors")
    assert torch.allclose(plain(x), taught(x), atol=1e-2)  # the file has 11 bits of each number
    assert not torch.allclose(plain(x), layers()(x), atol=0.1)


def test_a_file_that_is_no_adapter_of_the_model_is_refused(tmp_path):
    path = tmp_path / "adapter.safetensors"
    path.write_bytes(b"geen adapter")
    with pytest.raises(ModelDamaged):
        adapter.merge(layers(), path)
    other = nn.Sequential(nn.Linear(9, 9))
    adapter.attach(other, 2)
    adapter.save(other, path)
    with pytest.raises(ModelDamaged):
        adapter.merge(layers(), path)


@pytest.fixture
def questions(built, tmp_path):
    """A question about the first passage of each document."""
    path = tmp_path / "questions.jsonl"
    rows = []
    index = built.open()
    for document, question in ASKED.items():
        first = next(p for p in index.passages if p.document == document)
        place = {"document": document, "start": first.start - 3, "end": first.end + 3}
        rows.append(json.dumps({**place, "questions": [question, f"zeg eens: {question}"]}))
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_question_goes_to_the_passage_that_has_most_of_its_place(built, questions):
    index = built.open()
    examples = load_questions(questions, index.passages)
    assert len(examples) == 6
    for example in examples:
        passage = index.passages[example.row]
        assert ASKED[passage.document] in example.question
        assert passage == next(p for p in index.passages if p.document == passage.document)


def test_an_answer_is_the_sentence_that_has_most_of_its_place(built, tmp_path):
    index = built.open()
    passage = max(index.passages, key=lambda p: len(p.sentences))
    second = passage.sentences[1]
    row = {"document": passage.document, "start": passage.start, "end": passage.end}
    row |= {
        "questions": ["wie", "wat", "waar"],
        "answers": [[[second.start - 2, second.end + 2]], [[passage.end + 5, passage.end + 9]]],
    }
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    found = {example.question: example.answers for example in load_questions(path, index.passages)}
    assert found == {"wie": {1}, "wat": set(), "waar": set()}


def test_the_loss_of_sentences_is_that_of_choosing_the_one_that_answers(built, tiny_folder):
    index = built.open()
    row = max(range(len(index.passages)), key=lambda n: len(index.passages[n].sentences))
    sentences = spans(index.passages[row])
    other = next(n for n in range(len(index.passages)) if n != row)
    batch = [[Example("wie", row, frozenset({0}))], [Example("wat", other)]]
    teacher = Teacher(tiny_folder, index, RUN, [])
    passages = [teacher.texts[row], teacher.texts[other]]
    places = teacher.encode(passages)[3]
    size = places.shape[1]
    lead = len(passages[0]) - len("passage: ") - len(index.passages[row].text)
    # Every token of the first sentence is like the question's one token, and no other is.
    similar = torch.zeros(2, 2, 1, size)
    first = (places[0, :, 0] >= lead + sentences[0][0]) & (
        places[0, :, 1] <= lead + sentences[0][1]
    )
    similar[0, 0, 0, first] = 1.0
    loss = float(teacher.sentence_loss(batch, similar, torch.ones(2, 1), places))
    alike = bool(teacher.alike[row, other] > SAME)
    told = len(sentences) + (0 if alike else len(spans(index.passages[other])))
    # One choice scores 1 / temperature and the others 0; the question without an answer is left out.
    e = math.exp(1 / RUN.temperature)
    assert loss == pytest.approx(-math.log(e / (e + told - 1)), abs=1e-4)


def test_a_passage_that_answers_as_well_is_not_a_wrong_one(built, tiny_folder):
    asked = [Example("wie", 0), Example("wie", 1), Example("wat", 2)]
    teacher = Teacher(tiny_folder, built.open(), RUN, asked)
    teacher.alike = torch.eye(len(built.open().passages))
    # A passage answers what it is asked; of the two that answer "wie", both do.
    expected = [[True, True, False], [True, True, False], [False, False, True]]
    assert teacher.same(asked, [0, 1, 2]).tolist() == expected


def test_the_loss_of_questions_is_that_of_choosing_the_one_the_same_sentence_answers(
    built, tiny_folder
):
    teacher = Teacher(tiny_folder, built.open(), RUN, [])
    teacher.alike = torch.eye(len(built.open().passages))
    asked = [
        Example("wie", 0, frozenset({0, 1})),
        Example("wie dan", 0, frozenset({1})),
        Example("wat", 0, frozenset({2})),
        Example("waar", 0),  # it is not known which sentence answers it
    ]
    seen = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [1.0, 0.0]])
    # The cosines of the first are .6 with the second, 0 with the third; of the second .6 and .8.
    # The third has none to choose, and the fourth is neither right nor wrong.
    first = math.log(1 + math.exp(-0.6 / RUN.temperature))
    second = math.log(1 + math.exp(0.2 / RUN.temperature))
    loss = float(teacher.question_loss(asked, seen))
    assert loss == pytest.approx((first + second) / 2, abs=1e-5)
    assert float(teacher.question_loss(asked[2:], seen[2:])) == 0
    # A question about another passage is a wrong one, unless that passage answers as well.
    asked.append(Example("wie ook", 1, frozenset({0})))
    seen = torch.cat([seen, seen[:1]])
    worse = float(teacher.question_loss(asked, seen))
    assert worse > loss
    teacher.alike[0, 1] = teacher.alike[1, 0] = 1.0
    assert float(teacher.question_loss(asked, seen)) == pytest.approx(loss, abs=1e-5)


def test_states_do_not_depend_on_the_texts_that_are_encoded_beside(built, tiny_folder):
    teacher = Teacher(tiny_folder, built.open(), RUN, [])
    texts = ["query: wie", "query: wie zit er in deze groep en wat doen ze daar", "query: wat nu"]
    together = teacher.encode(texts)[0].detach()
    alone = torch.cat([teacher.encode([text])[0].detach() for text in texts])
    assert torch.allclose(together, alone, atol=1e-2)  # in 16-bit floats


def test_a_place_outside_the_documents_is_left_out_and_no_question_at_all_is_an_error(
    built, tiny_folder, tmp_path
):
    path = tmp_path / "questions.jsonl"
    row = {"document": "weg", "start": 0, "end": 9, "questions": ["waar"]}
    path.write_text(json.dumps(row), encoding="utf-8")
    assert load_questions(path, built.open().passages) == []
    with pytest.raises(InputFileError, match="geen vraag"):
        teach(
            built.open(), Start(tiny_folder), path, tmp_path / "uit", RUN, lambda label, share: None
        )
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputFileError):
        load_questions(path, built.open().passages)


def test_an_empty_line_and_a_line_end_inside_a_question_are_no_mistake(tmp_path):
    path = tmp_path / "questions.jsonl"
    asked = "waar\u2028is dat"
    row = {"document": "plan", "start": 0, "end": 9, "questions": [asked]}
    path.write_text("\n" + json.dumps(row, ensure_ascii=False) + "\n\n", encoding="utf-8")
    assert load_texts(path) == [asked]


def test_a_section_is_taught_or_kept_aside_and_a_document_left_out_is_neither(built):
    index = built.open()
    examples = [Example(f"vraag {n}", n) for n in range(len(index.passages)) for _ in range(2)]
    lesson, aside = split(examples, index, "plan-ypenburg")
    rows = [{e.row for e in part} for part in (lesson, aside)]
    assert not rows[0] & rows[1]
    used = {n for n, p in enumerate(index.passages) if p.document != "plan-ypenburg"}
    assert rows[0] | rows[1] == used


def test_a_batch_has_different_passages_and_every_question_comes_once(
    built, questions, tiny_folder
):
    index = built.open()
    teacher = Teacher(tiny_folder, index, RUN, [])
    examples = load_questions(questions, index.passages)
    batches = list(teacher.batches(examples))
    # Of a question left over at the end nothing can be chosen.
    told = Counter(e.question for batch in batches for group in batch for e in group)
    assert set(told.values()) == {1}
    assert len(told) >= len(examples) - RUN.together
    for batch in batches:
        rows = [{e.row for e in group} for group in batch]
        assert all(len(row) == 1 for row in rows)
        assert len(set().union(*rows)) == len(batch) > 1


def test_teaching_lowers_the_loss_and_the_taught_model_gives_other_vectors(
    built, questions, tiny_folder, tmp_path, monkeypatch
):
    index = built.open()
    teacher = Teacher(tiny_folder, index, RUN, [])
    batch = [[example] for example in load_questions(questions, index.passages)[::2]]
    before = float(teacher.loss(batch).detach())
    optimizer = torch.optim.AdamW(teacher.trainable, lr=RUN.rate)
    for _ in range(20):
        loss = teacher.loss(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.8 * before

    adapter.save(teacher.model, tmp_path / "adapter.safetensors")
    plain = Embedder.load(str(tiny_folder), tmp_path)
    vector = plain.encode_query("wie zit er in de groep").vector
    monkeypatch.setattr(
        "index.embedder._adapter", lambda model, adapter: tmp_path / "adapter.safetensors"
    )
    taught = Embedder.load(str(tiny_folder), tmp_path)
    assert float(taught.encode_query("wie zit er in de groep").vector @ vector) < 0.999
    assert taught.fingerprint != plain.fingerprint


@pytest.fixture
def nothing_aside(monkeypatch):
    """So few questions that each is needed: the last epoch is kept."""
    monkeypatch.setattr("index.teach.kept_aside", lambda name, one_in: False)


@pytest.mark.usefixtures("nothing_aside")
def test_a_run_says_what_it_was_made_with(built, questions, tiny_folder, tmp_path):
    out = tmp_path / "taught" / "adapter.safetensors"
    out.parent.mkdir()
    made = teach(built.open(), Start(tiny_folder), questions, out, RUN, lambda label, share: None)
    assert made["settings"]["seed"] == 1
    assert made["questions"] + made["kept_aside"] == 6
    assert [figure["epoch"] for figure in made["figures"]] == [0, 1, 2]
    assert made["kept_epoch"] in (1, 2)
    assert out.exists()
    assert not made["went_on"]


@pytest.mark.usefixtures("nothing_aside")
def test_going_on_begins_where_the_first_run_ended(built, questions, tiny_folder, tmp_path):
    first, further = tmp_path / "first.safetensors", tmp_path / "further.safetensors"
    teach(built.open(), Start(tiny_folder), questions, first, RUN, lambda *_: None)
    # At a rate of nothing what is written is what it began with.
    still = replace(RUN, rate=0.0)
    made = teach(
        built.open(), Start(tiny_folder, first), questions, further, still, lambda *_: None
    )
    assert made["went_on"]
    before, after = load_file(first), load_file(further)
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


GOLD = Path(__file__).parents[2] / "evals" / "gold" / "vragen.jsonl"
TAUGHT = Path(adapter.__file__).parent / "taught" / "questions.jsonl"
UNANSWERABLE = TAUGHT.with_name("unanswerable.jsonl")


def quads(text):
    """The runs of four characters of a question's words."""
    plain = " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
    return {plain[n : n + 4] for n in range(max(1, len(plain) - 3))}


def test_no_question_that_is_taught_is_nearly_one_that_is_scored():
    rows = [json.loads(line) for line in TAUGHT.read_text(encoding="utf-8").splitlines()]
    nowhere = UNANSWERABLE.read_text(encoding="utf-8").splitlines()
    questions = [question for row in rows for question in row["questions"]]
    questions += [json.loads(line)["question"] for line in nowhere]
    taught = [quads(question) for question in questions]
    assert len(taught) > 3500
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        scored = quads(json.loads(line)["question"])
        alike = np.array([len(scored & other) / len(scored | other) for other in taught])
        assert alike.max() < 0.5, json.loads(line)["id"]
