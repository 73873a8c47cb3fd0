"""The subject of a message is read by other programs as it was written, accents and spaces included."""

import email
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigilancia.notices.mail import _Subject

WORDS = st.lists(st.text("aeinoréñçÉ:'", min_size=1, max_size=20), min_size=1, max_size=20)


def sent(subject: str) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = _Subject(subject)
    message.set_content("x")
    return message.as_bytes(policy=policy.SMTP)


@pytest.mark.parametrize(
    "subject",
    [
        "[VIG-2026-ZQ5ZW7] Échu depuis 66 jours, aucun acte consigné: Le Mexique répond s'il fera l'examen",
        "[VIG-2026-ZQ5ZW7] Mañana es el último día: El comité de Washington decide si hay pruebas suficientes",
        "[VIG-2026-ZQ5ZW7] Today is the last day: Mexico reports the result of its review",
    ],
)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    raw = sent(subject)
    assert str(email.message_from_bytes(raw, policy=policy.default)["Subject"]) == subject
    assert (
        str(make_header(decode_header(email.message_from_bytes(raw)["Subject"]))).replace("\r\n", "").replace("\n", "")
        == subject
    )
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@given(WORDS)
def test_no_space_is_lost_whatever_the_words(words: list[str]) -> None:
    subject = " ".join(words)
    raw = sent(subject)
    assert (
        str(make_header(decode_header(email.message_from_bytes(raw)["Subject"]))).replace("\r\n", "").replace("\n", "")
        == subject
    )
