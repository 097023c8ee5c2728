from index.text import fold, stem, tokens, words


def test_numbers_letters_and_article_names_stay():
    assert words("Artikel 5 lid 2 onder A") == ["artikel", "5", "lid", "2", "onder", "a"]
    assert {"5", "2", "artikel"} <= set(tokens("Artikel 5, lid 2"))


def test_a_decimal_and_a_range_are_one_word_each():
    assert words("3,5 jaar of 2-6 jaar") == ["3,5", "jaar", "of", "2-6", "jaar"]


def test_negations_and_verbs_of_duty_are_search_terms():
    assert stem("niet") in tokens("Dit is niet toegestaan")
    assert tokens("Dit is toegestaan") != tokens("Dit is niet toegestaan")
    for word in ("geen", "zonder", "moet", "mag", "kan"):
        assert stem(word) in tokens(f"het {word} zo")


def test_een_with_accents_is_a_term_and_the_article_is_not():
    assert tokens("één plek") != tokens("een plek")
    assert len(tokens("één plek")) == 2


def test_a_word_typed_without_its_accent_meets_the_one_with_it():
    assert tokens("coördinator") == tokens("coordinator")
    assert fold("Coördinator") == "coordinator"


def test_a_composed_and_a_decomposed_accent_are_the_same():
    assert tokens("financie\u0308n") == tokens("financiën")


def test_a_hyphenated_name_is_found_whole_and_by_its_parts():
    found = tokens("Leidschenveen-Ypenburg")
    assert len(found) == 3
    assert set(tokens("Ypenburg")) < set(found)


def test_plural_and_singular_share_a_stem():
    assert tokens("taalachterstanden") == tokens("taalachterstand")


def test_a_soft_hyphen_does_not_break_a_word():
    assert words("kinder\u00adopvang") == ["kinderopvang"]
