"""The reader, on a tiny model: what it is shown, what it says, and that it can be taught."""

import math

import pytest
import torch

from corpus.errors import ModelDamaged
from index import adapter
from index.embedder import Embedder
from index.reader import MAX_TOKENS, WANTED, Layout, Logits, Reader, save
from index.teach_reader import Lesson, ReaderTeacher, Settings, area, split, teach_reader
from index.teacher import bare

RUN = Settings(epochs=6, seed=1, rank=4, rate=1e-2, batch=2, sentences=2)
# The tiny vocabulary knows little more than these words.
YES, NO = "kinderen", "passage passage"


def lesson(n, *, answered=True):
    answers = frozenset({0}) if answered else frozenset()
    asked, wanted = ("kinderen", "vraag") if answered else ("passage", "advies")
    sentences = (YES if answered else NO, NO)
    return Lesson(asked, sentences, answers, answers, (), f"deel {n}", wanted)


@pytest.fixture(scope="module")
def lessons():
    return [lesson(n, answered=n % 2 == 0) for n in range(24)]


@pytest.fixture(scope="module")
def parts(tiny_folder):
    return bare(tiny_folder)


def test_a_page_holds_the_question_and_each_sentence_between_marks(parts):
    layout = Layout(*parts)
    page = layout.page("kinderen", [YES, NO])
    asked = parts[1]("query: kinderen", add_special_tokens=False)["input_ids"]
    sentences = [parts[1](text, add_special_tokens=False)["input_ids"] for text in (YES, NO)]
    first, last = layout.first, layout.last
    assert page.tokens == [first, *asked, last, *sentences[0], last, *sentences[1], last]
    assert [page.tokens[start:end] for start, end in page.spans] == sentences


def test_a_page_knows_where_the_question_stands(parts):
    page = Layout(*parts).page("kinderen", [YES])
    asked = parts[1]("query: kinderen", add_special_tokens=False)["input_ids"]
    assert page.tokens[slice(*page.asked)] == asked


def test_a_page_is_full_before_the_model_is(parts):
    page = Layout(*parts).page("kinderen", [NO] * MAX_TOKENS)
    assert len(page.tokens) <= parts[0].config.max_position_embeddings
    assert 0 < len(page.spans) < MAX_TOKENS


@pytest.mark.parametrize(
    ("scores", "right", "expected"),
    [
        ([3, 2, 1, 0], [True, True, False, False], 1.0),
        ([0, 1, 2, 3], [True, True, False, False], 0.0),
        # Of the four pairs 3-2, 3-0 and 1-0 are in order.
        ([3, 2, 1, 0], [True, False, True, False], 0.75),
        ([1, 1], [True, False], 0.5),
        ([1, 2], [True, True], 0.5),
    ],
)
def test_the_area_is_the_share_of_pairs_in_order(scores, right, expected):
    assert area(scores, right) == expected


def test_a_section_is_taught_or_kept_aside(lessons):
    taught, aside = split(lessons)
    assert len(taught) + len(aside) == len(lessons)
    assert aside
    assert not {x.section for x in taught} & {x.section for x in aside}


def test_an_answer_is_shown_at_any_place_and_now_and_then_taken_off(parts):
    teacher = ReaderTeacher(*teach_parts(parts), RUN)
    shown = [teacher.sheet(lesson(0)) for _ in range(200)]
    places = {sheet.right for sheet in shown}
    assert places == {(True, False), (False, True), (False,)}
    taken_off = sum(sheet.right == (False,) for sheet in shown) / len(shown)
    assert taken_off == pytest.approx(0.2, abs=0.1)
    assert teacher.plain(lesson(0)).right == (True, False)


def test_a_sentence_that_the_search_missed_is_put_on_the_page(parts):
    teacher = ReaderTeacher(*teach_parts(parts), RUN)
    missed = Lesson("kinderen", (NO, NO, NO), frozenset(), frozenset(), (YES,), "deel")
    rights = [teacher.sheet(missed).right for _ in range(200)]
    assert {sum(right) for right in rights} == {0, 1}
    assert all(len(right) == 2 for right in rights)


def teach_parts(parts):
    """A model of its own for a test: teaching changes it."""
    from copy import deepcopy

    return deepcopy(parts[0]), parts[1]


def test_the_loss_is_that_of_telling_sentences_and_pages_apart_and_of_choosing(parts, monkeypatch):
    teacher = ReaderTeacher(*teach_parts(parts), RUN)
    sheets = [teacher.plain(lesson(0)), teacher.plain(lesson(1, answered=False))]
    scores = [torch.tensor([1.0, -1.0]), torch.tensor([0.0, 0.0])]
    monkeypatch.setattr(teacher, "read", lambda shown: Logits(torch.zeros(2), scores))
    softplus = [math.log(1 + math.exp(x)) for x in (-1.0, -1.0, 0.0, 0.0)]
    # The one sentence that answers weighs twice; the second page has nothing to choose.
    each = (2 * softplus[0] + softplus[1] + softplus[2] + softplus[3]) / 4
    choosing = math.log(1 + math.exp(-2.0))
    assert float(teacher.loss(sheets)) == pytest.approx(math.log(2) + 2 * each + choosing)


def test_what_was_taught_tells_answers_from_others_and_is_the_same_when_loaded(
    tiny_folder, parts, lessons, tmp_path, monkeypatch
):
    out = tmp_path / "reader.safetensors"
    made = teach_reader(teach_parts(parts), lessons, out, RUN, lambda label, share: None)
    assert made["lessons"] + made["kept_aside"] == len(lessons)
    assert made["kept_epoch"] in range(1, 7)
    kept = made["figures"][made["kept_epoch"] - 1]
    assert kept["sentence"] == 1.0

    # The adapter of the embedder changes nothing here: it was just attached.
    model = teach_parts(parts)[0]
    adapter.attach(model, 4)
    adapter.save(model, tmp_path / "adapter.safetensors")
    monkeypatch.setattr(
        "index.embedder._adapter", lambda model, adapter: tmp_path / "adapter.safetensors"
    )
    embedder = Embedder.load(str(tiny_folder), tmp_path)
    reader = Reader.load(embedder, out)
    asked = {text: embedder.encode_query(text).vector for text in ("kinderen", "passage")}
    right = reader.read("kinderen", [YES, NO], asked["kinderen"])
    wrong = reader.read("passage", [NO, NO], asked["passage"])
    assert right.answers[0] > right.answers[1]
    assert right.answered > wrong.answered
    many = reader.read("kinderen", [NO] * MAX_TOKENS, asked["kinderen"])
    assert len(many.answers) == MAX_TOKENS
    assert many.answers[-1] == 0.0
    # Log odds above 0 are more than even.
    for odds, wanted in ((-0.5, "vraag"), (0.5, "advies")):
        with torch.no_grad():
            reader.heads.aim.bias[WANTED.index("advies")] = odds
        assert reader.read("kinderen", [YES, NO], asked["kinderen"]).wanted == wanted
    # Until the question alone is judged as well, the page is all that counts.
    odds = reader.page_odds("kinderen", [YES, NO])
    assert right.answered == pytest.approx(1 / (1 + math.exp(-odds)))


def test_a_reader_that_goes_on_is_kept_halfway_to_where_it_began(parts, lessons, tmp_path):
    first = ReaderTeacher(*teach_parts(parts), RUN)
    path = tmp_path / "reader.safetensors"
    save(first.model, first.heads, path)
    teacher = ReaderTeacher(*teach_parts(parts), RUN)
    teacher.resume(path)
    began = [t.detach().clone() for t in teacher.trainable]
    with torch.no_grad():
        for tensor in teacher.trainable:
            tensor.add_(1.0)
    with teacher.halfway():
        for tensor, before in zip(teacher.trainable, began, strict=True):
            assert torch.allclose(tensor, before + 0.5)
    for tensor, before in zip(teacher.trainable, began, strict=True):
        assert torch.allclose(tensor, before + 1.0)
    # One that began with nothing stays where it is.
    ends = [t.detach().clone() for t in first.trainable]
    with first.halfway():
        assert all(torch.equal(a, b) for a, b in zip(first.trainable, ends, strict=True))


def test_teaching_goes_on_from_a_reader_that_was_taught_before(parts, lessons, tmp_path):
    out = tmp_path / "reader.safetensors"
    teach_reader(teach_parts(parts), lessons, out, RUN, lambda label, share: None)
    taught, fresh = (ReaderTeacher(*teach_parts(parts), RUN) for _ in range(2))
    taught.resume(out)
    losses = [t.loss([t.plain(x) for x in lessons]).item() for t in (taught, fresh)]
    assert losses[0] < losses[1]
    torch.save({}, tmp_path / "anders")
    with pytest.raises(ModelDamaged):
        fresh.resume(tmp_path / "anders")


def test_the_reader_shares_the_word_embeddings_and_changes_nothing_of_the_embedder(
    tiny_folder, parts, lessons, tmp_path, monkeypatch
):
    out = tmp_path / "reader.safetensors"
    teach_reader(teach_parts(parts), lessons, out, RUN, lambda label, share: None)
    monkeypatch.setattr("index.embedder._adapter", lambda model, adapter: out)
    monkeypatch.setattr("index.adapter.merge", lambda model, path: None)
    embedder = Embedder.load(str(tiny_folder), tmp_path)
    base = embedder.parts()[0]
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    monkeypatch.undo()
    reader = Reader.load(embedder, out)
    words = "embeddings.word_embeddings"
    assert reader._model.get_submodule(words) is base.get_submodule(words)
    assert all(torch.equal(tensor, before[name]) for name, tensor in base.state_dict().items())


def test_without_a_taught_embedder_or_a_file_there_is_no_reader(tiny, tmp_path):
    assert Reader.load(tiny, tmp_path / "reader.safetensors") is None


def test_a_file_that_is_no_reader_of_the_model_is_refused(
    tiny_folder, parts, tmp_path, monkeypatch
):
    model = teach_parts(parts)[0]
    adapter.attach(model, 4)
    path = tmp_path / "reader.safetensors"
    adapter.save(model, path)  # no heads
    monkeypatch.setattr("index.embedder._adapter", lambda model, adapter: path)
    embedder = Embedder.load(str(tiny_folder), tmp_path)
    with pytest.raises(ModelDamaged):
        Reader.load(embedder, path)
