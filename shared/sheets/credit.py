"""Unified social credit codes (统一社会信用代码), GB 32100-2015."""

from stdnum.cn import uscc

LENGTH = 18
REGION = slice(2, 8)


def fault(code: str) -> str | None:
    """What is wrong with a credit code, by a code of `finding.ERRORS`; None where nothing is.

    python-stdnum's own ``validate`` demands a digit in the first place and so rejects the codes
    that agriculture (N), the forces (A) and other registrars (Y) give; its check digit is right.
    """
    code = code.upper()
    if len(code) != LENGTH:
        return "credit_length"
    if not (code[REGION].isascii() and code[REGION].isdigit()):
        return "credit_sign"
    try:
        right = uscc.calc_check_digit(code[:-1]) == code[-1]
    except ValueError:  # a letter that the code's alphabet leaves out: I, O, S, V, Z
        return "credit_sign"
    return None if right else "credit_check"
