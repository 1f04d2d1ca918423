"""How numbers are written in sentences."""

import pytest

from vit_viz.ui.words.numbers import counted, decimal, equal_sign, percent, power, share, size


def test_minus_is_a_true_minus():
    assert decimal(-0.3318, 4) == "−0.3318"
    assert decimal(2) == "2.00"


@pytest.mark.parametrize(
    ("value", "text"), [(2.14e-7, "2.1·10⁻⁷"), (0, "0"), (5.4e-6, "5.4·10⁻⁶"), (1.25e12, "1.2·10¹²")]
)
def test_small_numbers_are_powers_of_ten(value: float, text: str):
    assert power(value) == text


def test_negative_powers_keep_their_sign():
    assert power(-3e-4) == "−3.0·10⁻⁴"


def test_a_result_is_equal_to_its_terms_only_where_they_give_it():
    assert equal_sign(decimal(0.5 + 0.25), decimal(0.75)) == "="
    assert equal_sign(decimal(0.5 + 0.26), decimal(0.75)) == "≈"


def test_one_is_no_plural():
    assert [counted(count, "photo") for count in (0, 1, 2)] == ["0 photos", "1 photo", "2 photos"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.389, "38.9%"), (0.001, "0.1%"), (9e-4, "9.0·10⁻⁴"), (0, "0.0%")]
)
def test_a_share_is_never_rounded_to_nothing(value: float, text: str):
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0%"), (1, "100%"), (0.389, "39%"), (0.994, "99.4%"), (0.036, "3.6%"), (2.1e-5, "2.1·10⁻⁵")],
)
def test_whole_percents_hide_neither_nearly_nothing_nor_nearly_all(value: float, text: str):
    assert percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (2.5e-5, "2.50·10⁻⁵"),
        (0.5, "0.5"),
        (12.34, "12.3"),
        (999.4, "999"),
        (999.7, "1,000"),
        (22026.5, "22,026"),
    ],
)
def test_three_digits_count_and_none_is_lost_from_1000_on(value: float, text: str):
    assert size(value) == text
