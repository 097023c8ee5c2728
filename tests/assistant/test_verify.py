import pytest
from support import piece

from assistant.claims import duties, names, negations, numbers
from assistant.verify import check, coverage, strip_markers

OVERLEG = piece("Het netwerkoverleg van Ypenburg komt 4 keer per jaar bij elkaar op 16 oktober.")
RATIO = piece("Een hulpverlener op de groep telt niet mee voor het aantal medewerkers.")
RULE = piece("De gemeente kan ouders een vergoeding geven voor de opvang.")
PLACE = piece("Het steunpunt zit aan de Havenkade 152.", label="Steunpunt Zuid")


def reason(statement, *evidence):
    return check(statement, evidence).reason


def test_a_copied_sentence_is_verbatim_and_cites_where_it_stands():
    verdict = check("Het steunpunt zit aan de Havenkade 152.", [OVERLEG, PLACE])
    assert verdict.supported
    assert verdict.verbatim
    assert verdict.evidence == (1,)


def test_a_part_of_a_sentence_with_its_label_is_verbatim():
    assert check("Steunpunt Zuid: Het steunpunt zit aan de Havenkade", [PLACE]).verbatim


def test_the_same_in_other_order_is_supported():
    verdict = check("In Ypenburg komt het netwerkoverleg vier keer per jaar bij elkaar.", [OVERLEG])
    assert verdict.supported
    assert not verdict.verbatim


def test_one_changed_digit_is_refused():
    assert (
        reason("Het netwerkoverleg van Ypenburg komt 5 keer per jaar bij elkaar.", OVERLEG)
        == "number"
    )
    assert reason("Het steunpunt zit aan de Havenkade 260.", PLACE) == "number"


def test_a_number_that_is_cut_short_is_no_copy():
    dates = piece("Het overleg is op 16 oktober voor kinderen van 2,5 jaar.")
    assert reason("Het overleg is op 1.", dates) == "coverage"
    assert reason("Het overleg is op 16 oktober voor kinderen van 2.", dates) == "number"
    assert reason("5 jaar.", dates) == "coverage"


def test_another_piece_does_not_lend_its_number_to_a_copy():
    now = piece("Het overleg van de locaties vindt vier keer per jaar plaats.")
    plan = piece("Het overleg zal 2x per jaar plaats vinden.")
    assert reason("Het overleg zal 4x per jaar plaats vinden.", now, plan) == "number"
    assert check("Het overleg zal 2x per jaar plaats vinden.", [now, plan]).evidence == (1,)


def test_a_changed_date_is_refused():
    statement = "Het netwerkoverleg van Ypenburg komt bij elkaar op 14 oktober."
    assert reason(statement, OVERLEG) == "number"


def test_a_lost_niet_is_refused():
    assert (
        reason("Een hulpverlener op de groep telt mee voor het aantal medewerkers.", RATIO)
        == "negation"
    )


def test_an_added_niet_is_refused():
    assert (
        reason("De gemeente kan ouders niet een vergoeding geven voor de opvang.", RULE)
        == "negation"
    )


def test_a_copy_without_the_niet_in_front_is_refused():
    rule = piece("Niet alle kinderen uit de wijk krijgen een vergoeding.")
    statement = "Alle kinderen uit de wijk krijgen een vergoeding."
    assert reason(statement, rule) == "quantity"


def test_one_niet_more_or_less_than_the_source_has_is_refused():
    rule = piece("Ouders hoeven niet te betalen en zij krijgen geen rekening van de opvang.")
    assert (
        reason("Ouders hoeven niet te betalen en zij krijgen een rekening van de opvang.", rule)
        == "negation"
    )
    assert check(rule.text, [rule]).verbatim


def test_a_niet_in_the_label_counts_only_when_the_label_is_told():
    labelled = piece("De gemeente kan een vergoeding geven.", label="Wie niet werkt")
    assert check("De gemeente kan een vergoeding geven.", [labelled]).verbatim
    assert check("Wie niet werkt: De gemeente kan een vergoeding geven.", [labelled]).verbatim
    assert reason("De gemeente kan geen vergoeding geven.", labelled) == "negation"


def test_a_changed_name_at_the_start_is_refused():
    jess = piece("De voorleesgroep helpt kinderen met taal en komt bij hen thuis.", label="Jess")
    other = piece("Het steunpunt geeft advies aan ouders.", label="Kwadraad")
    statement = "{} helpt kinderen met taal en komt bij hen thuis."
    assert check(statement.format("Jess"), [jess, other]).evidence == (0,)
    assert reason(statement.format("Kwadraad"), jess, other) == "name"
    assert reason(statement.format("Leyenburg"), jess, other) == "name"


def test_a_changed_wijk_is_refused():
    statement = "Het netwerkoverleg van Leyenburg komt 4 keer per jaar bij elkaar."
    assert reason(statement, OVERLEG) == "name"


def test_a_stronger_duty_is_refused():
    statement = "De gemeente moet ouders een vergoeding geven voor de opvang."
    assert reason(statement, RULE) in {"duty", "coverage"}
    assert reason("De gemeente is verplicht ouders een vergoeding te geven voor de opvang.", RULE)


def test_something_that_no_source_says_is_refused():
    assert reason("Aanvragen kan bij de Dienst Toeslagen.", RULE, PLACE) == "coverage"


def test_a_statement_may_rest_on_two_pieces_together():
    first = piece("De spelgroep is op maandag in de Havenkade.")
    second = piece("De voorleesgroep is op dinsdag in de Kerkstraat.")
    statement = "De spelgroep is op maandag en de voorleesgroep is op dinsdag."
    verdict = check(statement, [first, second])
    assert verdict.supported
    assert verdict.evidence == (0, 1)


def test_a_lone_word_states_nothing():
    assert reason("Het.", OVERLEG) == "coverage"
    assert reason("4.", OVERLEG) == "coverage"
    assert check("Vier keer.", [piece("Vier keer per jaar.")]).verbatim


def test_without_evidence_nothing_is_supported():
    assert check("Het overleg is er.", []).reason == "coverage"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2x per jaar", {"2"}),
        ("twee keer", {"2"}),
        ("een keer", set()),
        ("één keer", set()),
        ("3,5 jaar en 1.258 plaatsen", {"3,5", "1.258"}),
        ("0-12 jaar", {"0", "12"}),
    ],
)
def test_numbers_are_read_as_digits(text, found):
    assert numbers(text) == found


def test_the_first_word_is_a_name_only_when_it_is_an_abbreviation():
    assert names("Ouders bellen met Jess in Ypenburg.") == {"jess", "ypenburg"}
    assert names("CJG helpt.") == {"cjg"}


def test_negations_and_duties_are_seen():
    assert negations("dat hoeft niet") == 1
    assert negations("dat hoeft") == 0
    assert duties("u moet of mag of kunt") == {"moet", "mag", "kan"}


@pytest.mark.parametrize(
    "text",
    [
        "Zo is het. [1]",
        "Zo is het [1].",
        "Zo is het. [1, 2]",
        "Zo is het. [1][0]",
        "Zo is het. [1-3]",
    ],
)
def test_markers_of_the_model_are_stripped(text):
    assert strip_markers(text) == "Zo is het."


def test_coverage_is_the_share_of_content_words():
    assert coverage(
        "gemeente betaalt lantaarns", "De gemeente herstelt de lantaarn."
    ) == pytest.approx(2 / 3)
    assert coverage("bijdrage", "de ouderbijdrage") == 1.0
    assert coverage("", "tekst") == 0.0


CONDITION = piece("De gemeente kan de kosten betalen, als ouders geen toeslag krijgen.")


def test_a_copy_that_stops_before_a_condition_is_refused():
    assert reason("De gemeente kan de kosten betalen.", CONDITION) == "condition"
    assert check(CONDITION.text, [CONDITION]).verbatim


def test_a_copy_that_stops_before_what_does_not_limit_it_is_verbatim():
    detail = piece("De gemeente kan de kosten betalen, zodat ouders minder zorgen hebben.")
    assert check("De gemeente kan de kosten betalen.", [detail]).verbatim
    above_all = piece("De gemeente kan de kosten betalen, vooral als ouders geen toeslag krijgen.")
    assert check("De gemeente kan de kosten betalen.", [above_all]).verbatim


def test_als_that_compares_is_no_condition():
    both = piece("Het steunpunt helpt zowel ouders als de scholen in de wijk met vragen.")
    assert not reason("Het steunpunt helpt ouders in de wijk met vragen.", both)


def test_a_duty_that_is_left_out_is_refused():
    assert reason("De gemeente betaalt de kosten, als ouders geen toeslag krijgen.", CONDITION)
    assert reason("De gemeente geeft ouders een vergoeding voor de opvang.", RULE) == "duty"


def test_a_niet_that_moved_to_another_clause_is_refused():
    rule = piece("Ouders betalen de opvang niet, maar de gemeente betaalt de begeleiding.")
    moved = "Ouders betalen de opvang, maar de gemeente betaalt de begeleiding niet."
    assert reason(moved, rule) == "negation"
    assert check("De gemeente betaalt de begeleiding.", [rule]).supported


def test_two_numbers_that_changed_places_are_refused():
    places = piece("De Kreek heeft 12 plaatsen voor peuters en 30 plaatsen voor kleuters.")
    swapped = "De Kreek heeft 30 plaatsen voor peuters en 12 plaatsen voor kleuters."
    assert reason(swapped, places) == "number"
    assert reason("De Kreek heeft 30 plaatsen voor peuters.", places) == "number"
    assert not reason("De Kreek heeft 12 plaatsen voor peuters.", places)


def test_who_does_what_for_whom_may_not_change_places():
    hired = piece("De gemeente werkt als opdrachtgever van de zorgaanbieder.")
    assert reason("De zorgaanbieder werkt als opdrachtgever van de gemeente.", hired) == "agent"


def test_another_unit_is_refused():
    assert (
        reason("Het netwerkoverleg van Ypenburg komt 4 keer per maand bij elkaar.", OVERLEG)
        == "unit"
    )


def test_amounts_may_not_be_made_stronger():
    some = piece("Bijna alle ouders vullen soms een lijst in van hoogstens 10 vragen.")
    for stronger in (
        "Alle ouders vullen soms een lijst in van hoogstens 10 vragen.",
        "Bijna alle ouders vullen een lijst in van hoogstens 10 vragen.",
        "Bijna alle ouders vullen soms een lijst in van minstens 10 vragen.",
    ):
        assert reason(stronger, some) == "quantity"


def test_a_piece_does_not_lend_another_its_agent():
    first = piece("De gemeente betaalt de begeleiding van kinderen op de groep.")
    second = piece("Het steunpunt geeft advies over de opvoeding aan ouders.")
    assert reason(
        "De gemeente betaalt het steunpunt en geeft ouders de begeleiding.", first, second
    )
