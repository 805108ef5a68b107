"""Salted commitments: they open for what was committed to, and for nothing else."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cases.applicants.commitment import commitment, new_salt, opens
from shared.contracts.cases_applicants import FIELDS

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=3000)
DETAILS = st.dictionaries(st.sampled_from(FIELDS), TEXTS, min_size=1)
SALTS = st.binary(min_size=16, max_size=16)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_the_commitment_is_the_hash_that_the_design_states():
    document = (
        '{"details":{"id_kind":"other","name":"申请人0001"},"salt":"AAECAwQFBgcICQoLDA0ODw=="}'
    )

    found = commitment({"name": "申请人0001", "id_kind": "other"}, bytes(range(16)))

    assert found == hashlib.sha256(b"fuquan-applicant/v1\x00" + document.encode()).hexdigest()


@unhurried
@given(DETAILS, SALTS)
def test_any_details_open_their_commitment(details, salt):
    assert opens(commitment(details, salt), details, salt)


@unhurried
@given(DETAILS, SALTS, st.data())
def test_other_details_do_not(details, salt, data):
    other = data.draw(DETAILS.filter(lambda one: one != details))

    assert not opens(commitment(details, salt), other, salt)


@unhurried
@given(DETAILS, SALTS, st.integers(0, 127))
def test_another_salt_does_not(details, salt, bit):
    other = (int.from_bytes(salt, "big") ^ (1 << bit)).to_bytes(16, "big")

    assert not opens(commitment(details, salt), details, other)


@unhurried
@given(DETAILS)
def test_equal_details_have_different_commitments(details):
    assert commitment(details, new_salt()) != commitment(details, new_salt())


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_salt_has_128_bits(length):
    with pytest.raises(ValueError, match="not 16"):
        commitment({"name": "x"}, bytes(length))
