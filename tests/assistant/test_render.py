"""The HTML of an answer: what is escaped, what is marked, what can be pressed."""

import re
from dataclasses import replace

from standin import SOURCES, citation, context, quotes

from assistant.answer import Answer, Statement
from assistant.render import (
    Exchange,
    answer_to_copy,
    extend,
    render_about,
    render_answer,
    render_conversation,
    render_source,
)

ATTACK = "<script>alert('x')</script> & \"quoted\""


def test_a_script_in_a_question_a_quote_and_a_title_is_shown_as_text():
    hostile = citation(1, readable=ATTACK, label=ATTACK, title=ATTACK, section=ATTACK)
    told = (Statement(ATTACK, (1,), "supported"),)
    answer = Answer(
        ATTACK, "answered", told, (hostile,), message=ATTACK, searched=ATTACK, model="schrijver"
    )
    html = render_conversation([Exchange(ATTACK, answer, (hostile,))], SOURCES)
    assert "<script" not in html
    # Question, searched, statement, message, label, quote, section and copy text (3 times).
    assert html.count("&lt;script&gt;alert(") >= 8
    assert '"quoted"' not in html


def test_a_script_in_a_document_is_shown_as_text_in_the_source_panel():
    html = render_source(
        context(
            before=ATTACK, quote=ATTACK, after=ATTACK, title=ATTACK, section=ATTACK, issuer=ATTACK
        )
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 6


def test_a_link_that_is_not_a_web_address_is_left_out():
    assert "<a " in render_source(context())
    assert "<a " not in render_source(context(url="javascript:alert(1)"))
    assert "<a " not in render_source(context(url=None))


def test_the_source_panel_marks_the_quote_and_names_its_place():
    html = render_source(context())
    assert "<mark>De bibliotheek is open.</mark>" in html
    for fact in ("Opvang Noord", "2025", "Partners › Bibliotheek", "7"):
        assert f"<dd>{fact}</dd>" in html
    assert "Pagina" not in render_source(context(page=None))


def test_a_citation_is_a_button_that_names_its_number_and_title():
    told = (Statement("De bibliotheek is open.", (1, 2), "supported"),)
    both = (citation(1, 100), citation(2, 0))
    answer = Answer("v", "answered", told, both, model="schrijver")
    html = render_answer(answer, known=(citation(1, 0), citation(2, 100)))
    written, quoted = html.split("Letterlijk uit")
    button = r'<button type="button" class="ww-cite" data-bron="(\d)"[^>]*>'
    # The places as the page knows them, not the numbers.
    assert re.findall(button, written) == ["1", "0"]
    for part in (written, quoted):
        assert 'aria-label="Bron 1: Gebiedsplan Noord"' in part
        assert 'aria-label="Bron 2: Gebiedsplan Noord"' in part


def test_quotes_from_one_place_share_a_card_with_a_number_each_and_the_place_and_label_once():
    same = (citation(1, 0, label="Partners"), citation(2, 100, label="Partners"))
    other = citation(3, 200, section="Partners › School", label="Partners")
    html = render_answer(quotes("v", *same, other))
    cards = re.findall(r'<li class="ww-kaart">.*?</li>', html)
    assert len(cards) == 2
    assert [card.count("ww-label") for card in cards] == [1, 1]
    assert [card.count("<b>Gebiedsplan Noord") for card in cards] == [1, 1]
    assert re.findall(r'data-bron="(\d)".*?class="ww-nummer">(\d)<', html) == [
        ("0", "1"), ("1", "2"), ("2", "3"),
    ]  # fmt: skip
    assert cards[0].index("op dag 0 open") < cards[0].index("op dag 100 open")


def test_another_label_in_one_place_is_told():
    html = render_answer(quotes("v", citation(1, 0, label="School"), citation(2, 9, label="JGZ")))
    assert html.count('class="ww-kaart"') == 1
    assert (
        html.index("School") < html.index("op dag 0") < html.index("JGZ") < html.index("op dag 9")
    )


def test_a_citation_that_does_not_exist_makes_no_button():
    told = (Statement("De bibliotheek is open.", (1, 9), "supported"),)
    html = render_answer(Answer("v", "answered", told, (citation(1),), model="schrijver"))
    assert html.count("ww-cite") == 1
    assert "Bron 9" not in html


def test_each_statement_says_whether_it_is_verbatim_or_supported():
    told = (Statement("Een.", (1,), "supported"), Statement("Twee.", (1,), "verbatim"))
    html = render_answer(Answer("v", "answered", told, (citation(1),), model="schrijver"))
    assert re.findall(r'class="ww-steun">(\w+)<', html) == ["ondersteund", "letterlijk"]


def test_quotes_stay_where_they_are_while_the_answer_uses_fewer_of_them():
    first = quotes("v", citation(1, 0), citation(2, 100))
    told = (Statement("Een zin.", (1,), "supported"),)
    later = replace(first, statements=told, citations=(citation(1, 100),), model="schrijver")
    seen = []

    def once(place):
        seen.append(place.start)
        return context(quote=place.readable)

    exchange = extend(Exchange("v", first), first, once)
    exchange = extend(exchange, later, once)
    html = render_conversation([exchange], SOURCES)
    assert seen == [0, 100]
    assert html.index("op dag 0 open") < html.index("op dag 100 open")
    assert html.count("<mark>") == 2
    # Only the second quote carries the number that the sentence cites.
    quoted = html.split("Letterlijk uit")[1]
    assert re.findall(r'class="ww-nummer">(\w+)<', quoted) == ["Bron", "1"]
    assert 'class="ww-cite" data-bron="1"' in html


def test_an_abstention_lists_the_documents_and_calls_the_nearest_no_answer():
    answer = Answer("v", "abstained", message="Niet gevonden.", nearest=(citation(1),))
    html = render_answer(answer, sources=SOURCES)
    assert "Geen antwoord gevonden" in html
    assert "Dit is geen antwoord" in html
    assert "Gebiedsplan Noord (Opvang Noord, 2025)" in html
    assert "Handreiking samen (Het Rijk, 2024)" in html
    assert "ww-kopieer" not in html
    assert "Kort antwoord" not in html


def test_who_may_help_stands_before_what_is_near():
    near, helper = citation(1), citation(2, 50)
    answer = Answer("v", "abstained", message="Nee.", nearest=(near,), helpers=(helper,))
    html = render_answer(answer, sources=SOURCES)
    assert html.index("Wie kan meekijken") < html.index("Dit is geen antwoord")
    # The places are numbered as the page shows them: the nearest first.
    assert re.findall(r'class="ww-herkomst" data-bron="(\d)"', html) == ["1", "0"]


def test_an_error_has_its_own_heading_and_no_documents():
    html = render_answer(Answer("v", "error", message="Er staat nog geen vraag."), sources=SOURCES)
    assert "Dat lukte niet" in html
    assert "Er staat nog geen vraag." in html
    assert "Gebiedsplan Noord" not in html


def test_the_copied_text_has_each_source_with_its_place_and_quote():
    told = (Statement("De bieb is open.", (1,), "supported"),)
    text = answer_to_copy(Answer("Wanneer?", "answered", told, (citation(1),), model="schrijver"))
    assert "De bieb is open. [1]" in text
    assert (
        "[1] Gebiedsplan Noord (2025), Partners › Bibliotheek, pagina 7:"
        " “De bibliotheek is op dag 0 open.”" in text
    )
    assert "https://voorbeeld.nl/noord.pdf" in text


def test_the_page_says_who_answers_from_what_and_what_not_to_type():
    html = render_about(SOURCES, "Het taalmodel staat niet klaar.")
    assert "is een AI" in html
    assert "Gebiedsplan Noord" in html
    assert "geen gegevens van kinderen" in html
    assert "Het taalmodel staat niet klaar." in html
