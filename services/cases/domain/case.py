"""A case: one application, from filing to document. Which act may follow, and who may do it. MODEL 3.3."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.cases.domain import case_facts, refusals
from services.cases.domain.authority import Filing, Grant, Standing, holder, level
from services.cases.domain.decision import organs
from services.cases.domain.path import INSTANT, onward, way
from services.cases.domain.states import ADMITTED, FORMAL_DEFECTS, NOT_ACCEPTED_FOR


class Case(Aggregate):
    """One application. Public methods decide; the facts in `case_facts` only assign."""

    ApplicationSubmitted = case_facts.ApplicationSubmitted
    MaterialsDeficiencyNotified = case_facts.MaterialsDeficiencyNotified
    MaterialsSupplemented = case_facts.MaterialsSupplemented
    CaseAccepted = case_facts.CaseAccepted
    CaseNotAccepted = case_facts.CaseNotAccepted
    DuplicateApplicationLinked = case_facts.DuplicateApplicationLinked
    CrossTownDetected = case_facts.CrossTownDetected
    PreliminaryReviewCompleted = case_facts.PreliminaryReviewCompleted
    SubstantiveReviewCompleted = case_facts.SubstantiveReviewCompleted
    CaseForwarded = case_facts.CaseForwarded
    CaseForwardReceived = case_facts.CaseForwardReceived
    CaseReturned = case_facts.CaseReturned
    CaseHandedUp = case_facts.CaseHandedUp
    ApprovalIssued = case_facts.ApprovalIssued
    ApplicationDenied = case_facts.ApplicationDenied
    ServiceCompleted = case_facts.ServiceCompleted
    DocumentDelivered = case_facts.DocumentDelivered
    CaseWithdrawn = case_facts.CaseWithdrawn
    CaseClosed = case_facts.CaseClosed
    AuthorityCheckFailed = case_facts.AuthorityCheckFailed
