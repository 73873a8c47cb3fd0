"""Two beats and four workers for a minute, on every broker this machine has: 1,000 due rungs, 1,000 notices."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults import brokers
from tests.faults.installation import installation, mailbox, wait_until
from tests.seeds import seed_deadlines

MINUTE = 62.0  # a little more, so that beat's minute falls into it


@pytest.mark.parametrize("broker", brokers.present())
def test_two_beats_and_four_workers_send_each_notice_once(tmp_path: Path, broker: str) -> None:
    with (
        mailbox() as (mails, smtp),
        brokers.running(broker) as url,
        installation(tmp_path, VIGILANCIA_SMTP_URL=smtp, VIGILANCIA_BROKER_URL=url) as made,
    ):
        seed_deadlines(made.owner_url, now=datetime.now(UTC), due=1000, later=200, planned=False)
        for number in range(4):
            made.run(f"worker {number}", "worker")
        for number in range(2):
            made.run(f"beat {number}", "beat")
        begun = time.monotonic()
        wait_until(lambda: made.ask("SELECT count(*) FROM notice WHERE status = 'delivered'") == 1000, patience=150)
        wait_until(lambda: time.monotonic() - begun > MINUTE, patience=150)
        assert made.ask("SELECT count(*) FROM notice") == 1000
        assert made.ask("SELECT count(*) FROM (SELECT DISTINCT deadline_id, rung, contact_id FROM notice) n") == 1000
        assert made.ask("SELECT count(*) FROM job WHERE done_at IS NULL") == 0
    assert len(mails.received) == 1000
    assert set(mails.received.values()) == {1}
