"""Unified social credit codes by GB 32100-2015: 31 signs, weights 1, 3, 9 …, check digit last."""

import pytest

from shared.sheets import credit

# A published code, L = 20; the first sign has the weight 1, so each further sign takes as much
# off the check digit as it is more than 9: A (10) leaves K, N (22) leaves 7, Y (30) leaves Y.
RIGHT = ("91110000600037341L", "A1110000600037341K", "N11100006000373417", "Y1110000600037341Y")


@pytest.mark.parametrize("code", RIGHT)
def test_a_right_code_has_no_fault_whoever_registered_it(code: str):
    assert credit.fault(code) is None


@pytest.mark.parametrize(("code", "fault"), [
    ("91110000600037341M", "credit_check"), ("19110000600037341L", "credit_check"),
    ("9111000060003734", "credit_length"), ("91110000600037341LL", "credit_length"),
    ("91110000I00037341L", "credit_sign"), ("9111000O600037341L", "credit_sign"),
    ("91110000600037341Z", "credit_check"), ("", "credit_length"),
])
def test_a_wrong_code_says_what_is_wrong(code: str, fault: str):
    assert credit.fault(code) == fault
