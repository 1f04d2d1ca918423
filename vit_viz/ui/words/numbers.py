"""How numbers are written in sentences."""


def decimal(value: float, places: int = 2) -> str:
    """A number with a true minus sign, and none before 0."""
    return f"{value:z.{places}f}".replace("-", "−")


def power(value: float, digits: int = 2) -> str:
    """A small number as a power of ten, e.g. 2.1·10⁻⁷; 0 stays 0."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".replace("-", "−").split("e")
    return f"{mantissa}·10{str(int(exponent.replace('−', '-'))).translate(_RAISED)}"


def counted(count: int, name: str) -> str:
    """ "1 pixel", "2 pixels"."""
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def size(value: float) -> str:
    """A number from 0 on with three digits that count, all of them from 1000 on; a small one as a power of ten."""
    if value >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value == 0 or value >= 0.001 else power(value, 3)


def share(value: float) -> str:
    """A part of a whole in percent, or as a power of ten where a tenth of a percent would hide it."""
    return f"{value:.1%}" if value == 0 or value >= 0.001 else power(value)


def percent(value: float) -> str:
    """A part of a whole in whole percents, and as a share where nearly nothing or nearly all would hide in them."""
    return f"{value:.0%}" if value in (0, 1) or 0.1 <= value < 0.99 else share(value)


def below(number: int) -> str:
    """A number as an index: 12 → ₁₂."""
    return str(number).translate(_LOWERED)


def equal_sign(of_printed: str, result: str) -> str:
    """ "=" before a printed result, "≈" where the printed terms, worked out, would be written otherwise."""
    return "=" if of_printed == result else "≈"


_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
