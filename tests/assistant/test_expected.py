import pytest

from assistant.expected import KINDS, expected

KIND = {kind.name: kind for kind in KINDS}


def asked(question):
    return {kind.name for kind in expected(question)}


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("telefoonnummer", "Wat is het telefoonnummer van het steunpunt?"),
        ("telefoonnummer", "welk tel nr heeft het steunpunt"),
        ("telefoonnummer", "Op welk nummer bereik ik de verpleegkundige?"),
        ("telefoonnummer", "heeft de coach een 06-nummer"),
        ("mailadres", "Wat is het e-mailadres van de kwartiermaker?"),
        ("mailadres", "heb je een mail adres van de gemeente"),
        ("openingstijd", "Wat zijn de openingstijden van de bibliotheek?"),
        ("openingsdag", "Wanneer is het steunpunt open?"),
        ("openingsdag", "op welke dagen is de speelgroep open"),
        ("openingstijd", "hoe laat gaat het steunpunt open"),
        ("tijd", "Hoe laat begint de bijeenkomst?"),
        ("bedrag", "Wat kost een dag opvang?"),
        ("bedrag", "hoeveel moet ik zelf betalen"),
        ("bedrag", "Hoeveel subsidie kan een locatie krijgen?"),
        ("bedrag", "Wat is het uurtarief van een coach? Het uurtarief is belangrijk."),
        ("adres", "Op welk adres zit het steunpunt?"),
        ("adres", "in welke straat zit de bibliotheek"),
        ("aantal", "Hoeveel kinderen wonen er in de wijk?"),
        ("aantal", "welk percentage van de kinderen heeft extra hulp nodig"),
        ("frequentie", "Hoe vaak komt het overleg bij elkaar?"),
        ("frequentie", "hoeveel keer per jaar is er overleg"),
        ("datum", "Wanneer is de volgende bijeenkomst?"),
        ("datum", "Op welke dag is de opening?"),
        ("site", "Op welke website staat meer informatie?"),
        ("site", "heb je een link naar de handreiking"),
    ],
)
def test_a_question_asks_for_a_kind(name, question):
    assert name in asked(question)


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("telefoonnummer", "Wie bel ik bij zorgen over taal?"),
        ("telefoonnummer", "Welk nummer heeft de actielijn over ouders?"),
        ("mailadres", "Op welk adres zit het steunpunt?"),
        ("adres", "Wat is het mail adres van de gemeente?"),
        ("adres", "Wat is het mailadres van de gemeente?"),
        ("adres", "Wie geeft adresloze ouders advies?"),
        ("tijd", "Hoe laat je ouders weten dat er zorgen zijn?"),
        ("tijd", "Hoe laat ik ouders meedenken?"),
        ("openingstijd", "Hoe laat je ouders weten wat er speelt?"),
        ("openingsdag", "Wanneer staat een team open voor hulp?"),
        ("bedrag", "Wat is een kostbaar moment in de ontwikkeling?"),
        ("bedrag", "Wie betaalt de inzet van een coach?"),
        ("aantal", "Hoeveel weken duurt de inzet?"),
        ("frequentie", "Hoe werkt het overleg?"),
        ("datum", "Wat is een gebiedsplan?"),
        ("site", "Welke siteleiding is er?"),
        ("site", "Welke organisaties zijn er in de wijk?"),
    ],
)
def test_a_question_that_reads_alike_does_not_ask_for_it(name, question):
    assert name not in asked(question)


def test_a_plain_question_asks_for_no_form():
    assert asked("Wat is inclusieve kinderopvang?") == set()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("telefoonnummer", "Bel 070-123 45 67 op werkdagen."),
        ("telefoonnummer", "Mobiel: 06-12345678."),
        ("telefoonnummer", "Of bel +31 70 123 4567."),
        ("telefoonnummer", "Bel de gemeente op 14 070."),
        ("mailadres", "Mail naar steun@voorbeeld.nl."),
        ("openingstijd", "De deur gaat open om 9.30 en dicht om 17 uur."),
        ("tijd", "De bijeenkomst begint om 14:00."),
        ("bedrag", "Een dag kost € 80."),
        ("bedrag", "De opvang is gratis voor deze groep."),
        ("adres", "Bezoek ons aan de Havenkade 152."),
        ("adres", "Laan van Nieuw Zuid 12 is het kantoor."),
        ("aantal", "Er wonen drie gezinnen."),
        ("frequentie", "Het overleg is vier keer per jaar."),
        ("frequentie", "Zij zien elkaar wekelijks."),
        ("frequentie", "Er is 2x per jaar een bijeenkomst."),
        ("datum", "De wet geldt vanaf 2024."),
        ("datum", "De opening is op 16 oktober."),
        ("site", "Kijk op www.voorbeeld.nl."),
        ("site", "Meer op voorbeeld.org."),
    ],
)
def test_a_text_looks_like_a_kind(name, text):
    assert KIND[name].looks.search(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("telefoonnummer", "In 2024 kregen 1258 kinderen een plek."),
        ("telefoonnummer", "Artikel 1.50 lid 2 van de wet."),
        ("telefoonnummer", "Het plan loopt van 2025-2026."),
        ("mailadres", "Stuur een mail naar de kwartiermaker."),
        ("tijd", "Kinderen van 2,5 tot 4 jaar."),
        ("bedrag", "Er zijn 80 plaatsen."),
        ("adres", "De straat is de plek waar kinderen spelen."),
        ("adres", "Wij gaan weg in 2026."),
        ("adres", "Onderweg naar 2030 doen wij meer."),
        ("aantal", "Er zijn veel gezinnen."),
        ("frequentie", "Keer daarna terug naar de groep."),
        ("datum", "Kinderen van 10 maanden."),
        ("datum", "Er spelen 12 junioren."),
        ("site", "De website volgt nog."),
    ],
)
def test_a_text_without_the_form_does_not_look_like_it(name, text):
    assert not KIND[name].looks.search(text)


def test_without_a_required_form_there_is_no_answer_and_a_form_that_may_be_missing_is_no_demand():
    assert {kind.name for kind in KINDS if not kind.required} == {"aantal", "frequentie", "datum"}
