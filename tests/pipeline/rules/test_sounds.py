"""Sounds: every character of the table has a syllable, and the order of the table holds."""

import pytest

from pipeline.rules.sounds import syllables


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("投诉", ("tou", "su"), id="two characters"),
        pytest.param("律师", ("lv", "shi"), id="ü is typed v"),
        pytest.param("曝光", ("bao", "guang"), id="read otherwise than the table has it"),
        pytest.param("啊座", ("a", "zuo"), id="the first and the last character"),
        pytest.param("投素", ("tou", "su"), id="misheard, the same sounds"),
        pytest.param("12315", None, id="no characters"),
        pytest.param("投s", None, id="half in Latin"),
        pytest.param("亍", None, id="a rare character"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_syllables_of(word, expected):
    """A word as it is typed in pinyin, syllable by syllable."""
    assert syllables(word) == expected


def test_all_common_characters_have_a_syllable():
    """The 3,755 characters of GB 2312's first level; the last row has no more than 89."""
    rows = [bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    characters = [code.decode("gb2312") for code in rows if code <= "座".encode("gb2312")]
    assert len(characters) == 3755
    assert all(syllables(character) for character in characters)
