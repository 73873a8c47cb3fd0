"""One way to refuse: an error class that carries its stable code and its HTTP status.

`core/problems.py` turns any of these, and the law's own, into RFC 9457. Words for people live in `core/i18n`
under `errors.<code>`; codes never change.
"""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from msgspec import Struct


class Fault(Struct, frozen=True, kw_only=True):
    """One thing wrong in a request.

    Attributes:
        pointer: JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter, `@name` for a header.
        code: Stable code; its words are `faults.<code>` in the catalogues.
        params: Values for the words; never text the sender wrote, but for names of fields.
    """

    pointer: str
    code: str
    params: dict[str, str] = {}


class VigilanciaError(Exception):
    """The root of every refusal."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    headers: dict[str, str]

    def __init__(
        self, *, faults: Sequence[Fault] = (), headers: dict[str, str] | None = None, **params: str | int
    ) -> None:
        """Keep what is wrong.

        Args:
            faults: Every single fault, where the refusal has several.
            headers: Response headers that belong to the refusal, such as `Retry-After`.
            params: Values for the words; ids, codes and field names only.
        """
        super().__init__(self.code)
        self.faults = tuple(faults)
        self.headers = headers or {}
        self.params = {key: str(value) for key, value in params.items()}


class UnauthenticatedError(VigilanciaError):
    """No token, or one that is unknown, expired or revoked."""

    code, status = "unauthenticated", 401


class ForbiddenError(VigilanciaError):
    """A known thing which the caller may not do."""

    code, status = "forbidden", 403


class ConsentRequiredError(VigilanciaError):
    """What nobody consented to, or somebody refused: which of the two is not said to who asks."""

    code, status = "consent-required", 403

    def __init__(self, *, purpose: str, receiver_id: UUID | None = None, receiver_country: str | None = None) -> None:
        """Keep what would have been given away, and to whom."""
        super().__init__(purpose=purpose, receiver=str(receiver_id or receiver_country or "-"))
        self.purpose, self.receiver_id, self.receiver_country = purpose, receiver_id, receiver_country


class NotFoundError(VigilanciaError):
    """What is not there, or what the caller may not see: the two answer alike."""

    code, status = "not-found", 404


class BrokenBodyError(VigilanciaError):
    """A body that is no JSON at all."""

    code, status = "broken-body", 400


class BadParameterError(VigilanciaError):
    """A query parameter that is unknown or does not fit."""

    code, status = "bad-parameter", 400


class InvalidError(VigilanciaError):
    """A body that does not fit; every fault at once."""

    code, status = "invalid", 422


class ConflictError(VigilanciaError):
    """A write that collides with what is there."""

    code, status = "conflict", 409


class ConflictWallError(VigilanciaError):
    """Access for an organisation that is adverse in the case, or stands above or below one that is."""

    code, status = "conflict-wall", 409


class ApprovalRequiredError(VigilanciaError):
    """What the owner of a case does with the yes of a second person only."""

    code, status = "approval-required", 403


class IllegalTransitionError(VigilanciaError):
    """A change of state which the present state does not allow."""

    code, status = "illegal-transition", 409

    def __init__(self, *, allowed: Sequence[str], pointer: str = "/status") -> None:
        """Keep the states that would be allowed."""
        self.allowed_transitions = tuple(allowed)
        fault = Fault(pointer=pointer, code="illegal_transition", params={"allowed": ", ".join(allowed) or "-"})
        super().__init__(faults=[fault])


class KeyRunningError(VigilanciaError):
    """A request with the same idempotency key is still running."""

    code, status = "idempotency-running", 409


class KeyReusedError(VigilanciaError):
    """The idempotency key was used before, with another body."""

    code, status = "idempotency-reused", 422


class PreconditionRequiredError(VigilanciaError):
    """A change without `If-Match`."""

    code, status = "precondition-required", 428


class StaleError(VigilanciaError):
    """A change of what has changed meanwhile."""

    code, status = "stale", 412


class UnsupportedMediaError(VigilanciaError):
    """A body that does not call itself JSON."""

    code, status = "unsupported-media", 415


class TooManyError(VigilanciaError):
    """Tried too often; `Retry-After` says when to try again (RFC 6585)."""

    code, status = "too-many", 429


class UnavailableError(VigilanciaError):
    """The database or the queue is away; try again."""

    code, status = "unavailable", 503


class GoneError(VigilanciaError):
    """What was there and has expired."""

    code, status = "gone", 410


class FormWantedError(VigilanciaError):
    """A body that had to be a form with a file, and calls itself something else."""

    code, status = "form-wanted", 415


class BrokenFormError(VigilanciaError):
    """A form that breaks off or is none."""

    code, status = "broken-form", 400


class FileTooLargeError(VigilanciaError):
    """A file over the installation's limit."""

    code, status = "file-too-large", 413


class FileMaskedError(VigilanciaError):
    """The caller gets redacted copies only, and of this file there is none, or it wants what only originals have."""

    code, status = "file-masked", 403


class NotScannedError(VigilanciaError):
    """Nothing has yet found the file free of harmful programs."""

    code, status = "not-scanned", 423


class InfectedError(VigilanciaError):
    """The file holds a harmful program."""

    code, status = "infected", 423


class RangeError(VigilanciaError):
    """A range that the file does not have."""

    code, status = "range", 416


class IntegrityError(VigilanciaError):
    """The file is not any more what was received; no byte of it leaves."""

    code, status = "evidence-integrity", 500
