"""Blind indexes: finding a sealed value by itself, exactly, without the database ever holding it.

Beside a sealed value stands its print under the newest master key. Whoever looks for a value looks for its prints
under every key of the ring, so that what was written before a rotation is found too. A print is bound to its field:
equal values of two fields have nothing in common. It tells that two rows of one field hold the same, and no more;
fields of few possible values (a yes or no, a sex, an age) must have none.
"""

from vigilancia.core.crypto import KeyRing


def blind(keys: KeyRing, field: str, normalised: str) -> list[bytes]:
    """Return the prints of a value, newest key first: store the first, look for any of them.

    Args:
        keys: The key ring.
        field: Which field, such as `person.phone`; part of the key, so that fields cannot be compared.
        normalised: The value in the one form in which it is always looked for.
    """
    return keys.fingerprints(normalised.encode("utf-8", "surrogatepass"), purpose=f"blind/{field}")
