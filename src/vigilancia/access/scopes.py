"""Scopes: what a token may do, and which of them each role may have."""

from vigilancia.core.identity import Role

SCOPES: dict[str, str] = {
    "registry:read": "read organisations, contacts and facilities",
    "registry:write": "record and change them",
    "complaints:read": "read complaints, proceedings, deadlines, timelines and reports",
    "complaints:write": "log and change complaints, links, proceedings and events",
    "notices:read": "read the ledger of notices and the runs of ladders",
    "webhooks:write": "keep, test and replay the webhook endpoints of your organisation",
    "escalations:write": "acknowledge, mute, and keep ladders",
    "feeds:write": "make and revoke calendar feeds",
    "searches:write": "keep saved searches that alert",
    "exports:create": "take data home",
    "people:read": "read who the workers of a complaint are, with a reason",
    "people:write": "record who they are",
    "consents:write": "record what they consent to, and its withdrawal",
    "consents:override": "share without consent, with a reason; the privacy lead is told",
    "evidence:read": "read and download files of a complaint",
    "evidence:write": "add files to a complaint",
    "evidence:unmask": "download originals where a redacted copy is the default",
    "approvals:decide": "be the second person who says yes or no",
    "audit:read": "read who read and changed what",
    "retention:write": "hold, keep and erase complaints",
    "safeguards:write": "choose the safeguards of your organisation",
    "tokens:manage": "make and revoke tokens",
    "calendars:write": "record and withdraw closures of calendars, for the whole installation",
}
# What concerns the installation, and no organisation's own cases.
_INSTALLATION = frozenset({"tokens:manage", "calendars:write"})

ROLE_SCOPES: dict[Role, frozenset[str]] = {
    "admin": frozenset(
        {"registry:read", "registry:write", "complaints:read", "notices:read", "exports:create", *_INSTALLATION}
    ),
    "staff": frozenset(SCOPES) - _INSTALLATION,
    "partner": frozenset(SCOPES) - _INSTALLATION,
    "analyst": frozenset({"registry:read", "complaints:read", "exports:create"}),
    "system": frozenset(SCOPES),
}
