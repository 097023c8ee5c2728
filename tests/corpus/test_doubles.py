"""Text that is printed again: kept once, with its other places."""

from reading import LONG, left_out, read, sections

from corpus.passages import Place
from corpus.sentences import Sentence

ONE = LONG.strip()
TWO = "En zo gaat het verder met de opvang en het onderwijs in de buurt."
TWICE = f"Visie\n\n{ONE} {TWO}\n\n\n\nUitwerking\n\n{ONE} {TWO}\n\nIets nieuws.\n"


def test_a_passage_remembers_where_it_is_printed_again():
    # "Visie" and a blank line take 7 characters, ONE 82 with a space 83, TWO 65: it ends at 155.
    # Four line ends, "Uitwerking" and a blank line take 16: the second starts at 171.
    first, second = read(TWICE, (0, 159))
    assert (len(ONE), len(TWO), first.start, first.end) == (82, 65, 7, 155)
    again = (Sentence(ONE, 171, 253), Sentence(TWO, 254, 319))
    assert first.also == (Place(171, 319, ("Uitwerking",), 2, again),)
    assert second.also == ()


def test_the_places_do_not_change_the_passage_they_belong_to():
    once = read(TWICE[:156])
    assert [(p.id, p.text) for p in once] == [(p.id, p.text) for p in read(TWICE)[:1]]
    assert once[0].also == ()


def test_text_printed_three_times_has_two_other_places_in_order():
    text = TWICE + f"\n\n\nSlot\n\n{ONE} {TWO}\n"
    first, *rest = read(text)
    assert [place.section for place in first.also] == [("Uitwerking",), ("Slot",)]
    assert [text[place.start : place.end] for place in first.also] == [f"{ONE} {TWO}"] * 2
    assert not any(p.also for p in rest)


def test_of_what_is_printed_again_in_other_words_the_place_tells_those_words():
    # One word of many: alike enough to be a double.
    middle = " ".join([ONE] * 4)
    text = f"Visie\n\n{middle} {TWO}\n\n\n\nUitwerking\n\n{middle} {TWO.replace('buurt', 'stad')}\n"
    (place,) = read(text)[0].also
    assert place.sentences[0].text == ONE
    assert place.sentences[-1].text == TWO.replace("buurt", "stad")


def test_each_part_of_a_long_paragraph_that_is_printed_again_has_its_place():
    paragraph = " ".join(f"{ONE[:-1]} nummer {i}." for i in range(10, 27))
    text = f"Visie\n\n{paragraph}\n\n\n\nUitwerking\n\n{paragraph}\n"
    found = read(text)
    assert len(found) == 3
    assert [[place.start for place in p.also] for p in found] == [[text.rindex(paragraph)]] * 3


def test_a_fuller_row_that_comes_later_remembers_the_row_it_replaces():
    head = "Uitdaging\tToelichting\tOplossing\n"
    more = "Dat kost kracht en maakt dat er minder tijd is voor de ouders."
    row = f"{head}Drukte\t{ONE} {TWO}"
    text = f"{row}\tTijd.\n\n{row} {more}\tGeld.\n"
    (kept,) = [p for p in read(text) if p.also]
    assert kept.sentences[-1].text == more
    (place,) = kept.also
    assert text[place.start : place.end] == f"Drukte\t{ONE} {TWO}"
    assert place.start == text.index("Drukte") < kept.start


def test_a_row_printed_twice_is_kept_once():
    row = f"Drukte\t{LONG}\tNeem de tijd voor elk kind in de groep en vraag hulp aan een coach.\n"
    text = f"Uitdaging\tToelichting\tOplossing\n{row}\nUitdaging\tToelichting\tOplossing\n{row}"
    assert len(read(text)) == 2
    assert "staat er al" in left_out(text).values()


def test_a_paragraph_printed_again_is_kept_once():
    paragraph = LONG.strip() + " En zo gaat het verder met de opvang en het onderwijs in de buurt."
    text = f"Visie\n\n{paragraph}\n\n\n\nUitwerking\n\n{paragraph}\n\nIets nieuws.\n"
    assert [p.text for p in read(text)] == [paragraph, "Iets nieuws."]


def test_paragraphs_that_differ_in_a_number_are_both_kept():
    one = LONG.strip() + " Het overleg is vier keer per jaar en wel op 14 oktober in de school."
    found = read(f"Visie\n\n{one}\n\nUitwerking\n\n{one.replace('14', '16')}\n")
    assert len(found) == 2


def test_rows_under_different_labels_that_say_the_same_are_both_kept():
    cell = LONG.strip() + " Zo kunnen kinderen met en zonder zorg elkaar dagelijks ontmoeten."
    found = read(f"Vorm\tVoordeel\nOp school\t{cell}\nIn een huis\t{cell}\n")
    assert len(found) == 2


def test_a_short_item_is_a_double_only_in_a_run_that_is_printed_again():
    items = "- Maak ruimte in het rooster van de groep\n- Stel een vaste coach aan voor de groep\n- Deel kennis met scholen in de wijk en leer van elkaar\n"
    text = f"Visie\n\n{items}\n\n\nKansen\n\n{items}\n\n\nSlot\n\n- Maak ruimte in het rooster van de groep\n- Nieuw punt\n"
    assert sections(text) == [("Visie",), ("Slot",)]
    assert "Maak ruimte" in read(text)[1].text
