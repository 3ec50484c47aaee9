"""Check digits: whether a long number really is a bank card or an identity card."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_CARD_LENGTHS = range(16, 20)


def _digits(number: str) -> str:
    return "".join(char for char in number.upper() if char.isdigit() or char == "X")


def is_bank_card(number: str) -> bool:
    """Sixteen to nineteen digits that pass Luhn's test; separators do not count."""
    digits = _digits(number)
    if len(digits) not in _CARD_LENGTHS or "X" in digits:
        return False
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_identity_card(number: str) -> bool:
    """Eighteen places with a date that can exist and the right check digit; separators do not count."""
    digits = _digits(number)
    if len(digits) != 18 or not digits[:17].isdigit():
        return False
    year, month, day = int(digits[6:10]), int(digits[10:12]), int(digits[12:14])
    if not (1850 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= 31):
        return False
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11] == digits[17]
