"""The secret of a contact's webhook: derived from the key ring, kept nowhere.

While the ring holds several master keys, each signs: whoever keeps the older secret still verifies.
"""

import base64
from uuid import UUID

from vigilancia.core.crypto import KeyRing

_PURPOSE = "contact-webhook"


def secrets(keys: KeyRing, contact_id: UUID) -> list[str]:
    """Return a contact's secrets as the standard writes them, the newest first."""
    prints = keys.fingerprints(contact_id.bytes, purpose=_PURPOSE)
    return [f"whsec_{base64.b64encode(one).decode()}" for one in prints]
