"""The doors of applicants: register, read, correct, erase. R223."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.cases.applicants import keeping
from services.cases.applicants.commitment import commitment, new_salt, opens
from services.cases.applicants.keeping import Held, Keeping
from services.cases.circumstances import Circumstances
from services.cases.domain import applicant_refusals as refusals
from services.cases.domain.applicant import Access, Applicant
from services.cases.domain.authority import Standing
from services.cases.domain.case import Case
from services.cases.domain.states import FINISHED
from shared.commands import Beside, Commands, command_id_reused
from shared.contracts.asked_cases_applicants import Details
from shared.contracts.cases_applicants import ACTS
from shared.contracts.envelope import Given
from shared.refusal import Refused

COMMITTING = ("register_applicant", "correct_applicant")


class ApplicantDoors(Commands):
    """Details go into the tables and out of them here; the log gets names and commitments.

    A row and the fact about it are written in one transaction: after a crash at any point there
    are both or neither, so no details outlive their erasure.
    """

    personal: ClassVar[frozenset[str]] = frozenset({"details"})
    world: Circumstances
    keeping: Keeping

    def do(self, door: str, request: Mapping[str, Any], given: Given) -> dict[str, Any]:
        """As every command; what is shown of an applicant stands beside the recorded answer."""
        answer = super().do(door, request, given)
        if door in COMMITTING:
            self._same_details(request, answer)
        if door == "read_applicant":
            answer["shown"] = self._shown(request, given, answer)
        return answer

    def register_applicant(
        self, given: Given, *, programme: str, details: dict[str, str]
    ) -> Beside:
        self.world.register.known(programme=programme, item=None, towns=[], orgs=[])
        if same := self.keeping.same(programme, details):
            raise refusals.applicant_already_registered(str(same), str(same))
        salt = new_salt()
        found = Applicant.register(
            key=Applicant.key_for(given.command), programme=programme, held=sorted(details),
            commitment=commitment(details, salt), org=given.actor["org"], at=given.at,
        )
        held = Held(details, salt, found.version)
        return Beside(found, lambda at: keeping.put(at, found.id, programme, held))

    def read_applicant(
        self, given: Given, *, programme: str, applicant: UUID, case: UUID | None, purpose: str,
        wanted: Sequence[str],
    ) -> Applicant:
        found = self._applicant(programme, applicant)
        access = self._access(given, programme, applicant, case)
        found.read(access, purpose=purpose, wanted=wanted)
        return found

    def correct_applicant(
        self, given: Given, *, programme: str, applicant: UUID, case: UUID | None,
        details: dict[str, str],
    ) -> Beside:
        found = self._applicant(programme, applicant)
        access = self._access(given, programme, applicant, case)
        found.admit(access)
        if (same := self.keeping.same(programme, details)) not in {None, applicant}:
            raise refusals.applicant_already_registered(str(applicant), str(same))
        before = self.keeping.held(applicant)
        was = before.details if before else {}
        salt = new_salt()
        found.correct(
            access, commitment=commitment(details, salt), held=sorted(details),
            changed=sorted(
                name for name in {*was, *details} if was.get(name) != details.get(name)
            ),
        )
        held = Held(details, salt, found.version)
        return Beside(found, lambda at: keeping.replace(at, applicant, programme, held))

    def erase_applicant(
        self, given: Given, *, programme: str, applicant: UUID, case: UUID | None, ground: str
    ) -> Beside:
        found = self._applicant(programme, applicant)
        cases = self.keeping.cases(applicant)
        known = {one: self.load(Case, one) for one in cases}
        found.erase(
            self._access(given, programme, applicant, case), ground=ground,
            instrument_ref=given.instrument["ref"] if given.instrument else None,
            open_cases=[
                str(one) for one, its in known.items() if its and its.state not in FINISHED
            ],
        )
        return Beside(found, lambda at: keeping.remove(at, applicant, cases))

    def submitted_by(self, programme: str, key: str) -> Applicant | None:
        """The registered applicant whom an application's key names; a platform's own names none.

        Raises:
            Refused: registered for another programme, or erased.
        """
        try:
            stream = UUID(key)
        except ValueError:
            return None
        if str(stream) != key or (found := self.load(Applicant, stream)) is None:
            return None
        if found.programme != programme:
            raise refusals.unknown_applicant(key)
        found.exists(of_record=False)
        return found

    def record_refusal(
        self, refused: Refused, door: str, given: Given, fields: Mapping[str, Any]
    ) -> Aggregate | None:
        """Who was refused access to an applicant's details is a fact (R223)."""
        if door not in ACTS:
            return None
        found = self.load(Applicant, UUID(refused.facts["applicant"]))
        assert found is not None
        case = fields.get("case")
        found.refuse(
            refused, act=door, purpose=fields.get("purpose"), case=str(case) if case else None,
            org=given.actor["org"], at=given.at,
        )
        return found

    def _case(
        self, given: Given, programme: str, case: UUID
    ) -> tuple[Case, Standing, dict[str, Any]]:
        """A case, the caller's standing in it, and its item."""
        raise NotImplementedError

    def _applicant(self, programme: str, applicant: UUID) -> Applicant:
        found = self.load(Applicant, applicant)
        if found is None or found.programme != programme:
            raise refusals.unknown_applicant(str(applicant))
        return found

    def _access(
        self, given: Given, programme: str, applicant: UUID, case: UUID | None
    ) -> Access:
        concerned = False
        if case is not None:
            found, standing, _ = self._case(given, programme, case)
            concerned = found.applicant_key == str(applicant) and found.involves(standing)
        return Access(
            org=given.actor["org"], role=given.actor["role"], at=given.at,
            case=str(case) if case else None, concerned=concerned,
        )

    def _same_details(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """A repetition is told by the commitment, of which nothing is left after the erasure."""
        stream, version = UUID(answer["stream"]), answer["version"]
        salt = self.keeping.salt(stream, version)
        if salt is not None:
            told = self._recorded(stream, version)["data"]["commitment"]
            if not opens(told, Details().load(request["details"]), salt):
                raise command_id_reused(stream=str(stream))

    def _shown(
        self, request: Mapping[str, Any], given: Given, answer: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The details that a recorded reading names, to whom it names, as they were read.

        The id of a command is no secret: whoever repeats one must be who gave it, and still be
        admitted.

        Raises:
            Refused: erased or corrected since, or not admitted (any more).
        """
        applicant = UUID(answer["stream"])
        told = self._recorded(applicant, answer["version"])
        if told["actor"] != dict(given.actor):
            raise command_id_reused(stream=str(applicant))
        case = request.get("case")
        found = self._applicant(request["programme"], applicant)
        found.admit(
            self._access(given, request["programme"], applicant, UUID(case) if case else None)
        )
        held = self.keeping.held(applicant)
        if held is None or not opens(told["data"]["commitment"], held.details, held.salt):
            raise refusals.details_changed(str(applicant))
        details = {name: held.details[name] for name in told["data"]["read_fields"]}
        whole = {} if request.get("wanted") else {
            "salt": b64encode(held.salt).decode(), "commitment": told["data"]["commitment"],
        }
        return {"details": details, **whole}

    def _recorded(self, stream: UUID, version: int) -> dict[str, Any]:
        ((_, _, envelope),) = self.log.events(stream, gt=version - 1, lte=version)
        return dict(json.loads(envelope))
