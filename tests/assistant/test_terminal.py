"""What the commands show on a terminal."""

import pytest

from assistant.terminal import Bar


def test_in_a_file_a_bar_is_a_line_for_each_thing_that_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Bar() as progress:
        for step in range(50):
            progress("Documenten lezen", step / 50)
        for step in range(50):
            progress("Passages omzetten", step / 50)
    shown = capsys.readouterr().err
    assert "Documenten lezen" in shown
    assert "Passages omzetten" in shown
    # One for each label, and what closing it shows; not one for each of a hundred steps.
    assert shown.count("|") // 2 <= 6
