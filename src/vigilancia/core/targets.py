"""Which addresses outside may be called: judged by the number connected to, never by the name's spelling."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_SIXTOFOUR = IPv6Network("2002::/16")  # RFC 3056
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291, 2.4: nothing outside it is a host of the public network
# What the standard library calls global although no stranger's server lives there.
_REFUSED_4 = (
    IPv4Network("192.0.0.0/24"),  # assignments of the IETF, and a cloud's metadata service, RFC 6890
    IPv4Network("168.63.129.16/32"),  # a cloud's own service, reached only from its machines
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, RFC 7526
)
_REFUSED_6 = (
    IPv6Network("2001::/23"),  # Teredo and other assignments of the IETF, RFC 2928
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
)


def is_public(text: str) -> bool:
    """Tell whether a number is one of the public network, where a stranger's server may live.

    An IPv6 number that carries an IPv4 number (mapped, NAT64, 6to4) is judged by that one.

    Args:
        text: As the resolver wrote it, with or without a zone.

    Returns:
        False too for what is no number.
    """
    address = _inner(text)
    if isinstance(address, IPv4Address):
        return _ordinary(address) and address.is_global and not any(address in net for net in _REFUSED_4)
    if address is None or address not in _GLOBAL_UNICAST:
        return False
    return _ordinary(address) and address.is_global and not any(address in net for net in _REFUSED_6)


def is_host(text: str) -> bool:
    """Tell whether a number may be one machine's at all, private networks included.

    Link-local numbers, among them the metadata services of clouds, are nobody's whom we should call.
    """
    address = _inner(text)
    return address is not None and (address.is_loopback or (_ordinary(address) and not address.is_link_local))


def _inner(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    if address in _SIXTOFOUR:
        return IPv4Address(address.packed[2:6])
    return address


def _ordinary(address: Address) -> bool:
    return not (address.is_multicast or address.is_unspecified or address.is_reserved)
