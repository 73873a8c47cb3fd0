"""The letter that only asks whether an address belongs to whom it seems: no case, no organisation, no name."""

from uuid import UUID

from vigilancia.core import i18n
from vigilancia.core.work import Work
from vigilancia.notices import links
from vigilancia.notices.content import Call, Content, Section
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.personal import read_personal


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter; none when there is no such notice. New addresses, or somebody's word, make it needless."""
    to = await read_personal(work, notice_id, unconfirmed=True)
    if to is None:
        return None
    locale = to.locale
    reasons = {
        "superseded": to.contact.channels_version != to.notice.revision,
        "confirmed": to.contact.verified_by is not None,
    }
    content = Content(
        locale=locale,
        reference=None,
        greeting=i18n.t("confirm.greeting", locale),
        headline=i18n.t("confirm.headline", locale),
        step="",
        sections=[
            Section(name=name, label=i18n.t(f"confirm.label.{name}", locale), lines=[i18n.t(f"confirm.{name}", locale)])
            for name in ("what", "if_not")
        ],
        footer=i18n.t("confirm.footer", locale),
        call=Call(label=i18n.t("confirm.button", locale), text=i18n.t("confirm.button_text", locale)),
    )
    return to.letter(
        content,
        obstacle=next((reason for reason, holds in reasons.items() if holds), None),
        link=links.confirm(work, notice_id, to.notice.planned_at),
    )
