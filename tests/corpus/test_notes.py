from reading import LONG, left_out, read

TEXT = (
    f"Visie\n\n{LONG}Dat wil de gemeente¹. Dat wil ook de wijk². En de school³.\n\n"
    "¹ De Vries, A. (2023). *Wat een kind kan worden is aan ons*. Uitgeverij Voorbeeld.\n\n"
    "² In 2024 is dit verhoogd naar twaalf plaatsen.\n\n"
    "³ Bakker en Visser, Samen leren in de wijk, 2019.\n"
)


def test_a_footnote_that_tells_something_is_read_also_when_it_has_a_year():
    assert "In 2024 is dit verhoogd naar twaalf plaatsen." in [
        sentence.text for passage in read(TEXT) for sentence in passage.sentences
    ]


def test_a_footnote_that_names_a_source_is_left_out_whatever_its_title_says():
    assert [note[0] for note, reason in left_out(TEXT).items() if reason == "voetnoot"] == [
        "¹",
        "³",
    ]
