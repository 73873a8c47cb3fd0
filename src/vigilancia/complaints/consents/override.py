"""Going without a consent: the field that other bodies carry."""

from typing import Annotated

from msgspec import Meta, Struct


class ConsentOverride(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The decision to go without a consent that is missing; a refusal or withdrawal cannot be overridden.

    Attributes:
        reason: Why, in your words; sealed, and read by whoever may read the audit.
    """

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]
