"""Keep tasks of people, alarms about retaliation, and who took a run into their hands; ladders by actor and nature.

Why:       most clocks bind governments; what people must do is theirs, and climbs the same ladders. Danger is told at once.
Rows:      three tables that begin empty; runs stay those of deadlines; ladders name no actor and no nature.
Locks:     ACCESS EXCLUSIVE on escalation_run and escalation_policy for catalogue changes, and while one check and one
           index read escalation_run once: about a second for a million rows.
Old code:  goes on; it never sees a run of a task, for there is none before new code makes one.
Way back:  drops them, and the runs, rungs and notices of tasks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make tables, columns and indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "complaint_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("proceeding_id", sa.Uuid(), nullable=True),
        sa.Column("deadline_id", sa.Uuid(), nullable=True),
        sa.Column("mechanism", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("plan_pending", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'cancelled')", name=op.f("ck_complaint_task_state")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_complaint_task_ended_whole")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_task_complaint_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_complaint_task_contact_id")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_complaint_task_deadline_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_complaint_task_organization_id")
        ),
        sa.ForeignKeyConstraint(["proceeding_id"], ["proceeding.id"], name=op.f("fk_complaint_task_proceeding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_task")),
    )
    op.create_index("ix_complaint_task_complaint", "complaint_task", ["complaint_id", "due_on", "id"])
    op.create_index("ix_complaint_task_organization", "complaint_task", ["organization_id", "due_on", "id"])
    op.create_index(
        "ix_complaint_task_plan_pending", "complaint_task", ["id"], postgresql_where=sa.text("plan_pending")
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("tell_pending", sa.Boolean(), nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.CheckConstraint("cause IN ('acute', 'dismissal')", name=op.f("ck_alarm_cause")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_alarm_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint(
            "complaint_id",
            "cause",
            "subject_id",
            "occasion",
            name=op.f("uq_alarm_complaint_id_cause_subject_id_occasion"),
        ),
    )
    op.create_index("ix_alarm_tell_pending", "alarm", ["id"], postgresql_where=sa.text("tell_pending"))
    op.create_index("ix_alarm_complaint", "alarm", ["complaint_id", "id"])
    op.create_table(
        "escalation_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=True),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'ended')", name=op.f("ck_escalation_assignment_state")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_escalation_assignment_contact_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_escalation_assignment_organization_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["escalation_run.id"], name=op.f("fk_escalation_assignment_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_assignment")),
    )
    for state in ("offered", "accepted"):
        op.create_index(
            f"uq_escalation_assignment_{state}",
            "escalation_assignment",
            ["run_id", "organization_id"],
            unique=True,
            postgresql_where=sa.text(f"state = '{state}'"),
        )
    op.create_index("ix_escalation_assignment_run", "escalation_assignment", ["run_id", "organization_id", "id"])
    op.add_column("escalation_policy", sa.Column("actor", sa.Text(), nullable=True))
    op.add_column("escalation_policy", sa.Column("nature", sa.Text(), nullable=True))
    op.add_column("escalation_run", sa.Column("task_id", sa.Uuid(), nullable=True))
    op.alter_column("escalation_run", "deadline_id", nullable=True)
    op.create_foreign_key(op.f("fk_escalation_run_task_id"), "escalation_run", "complaint_task", ["task_id"], ["id"])
    op.create_unique_constraint(op.f("uq_escalation_run_task_id"), "escalation_run", ["task_id"])
    op.create_check_constraint(
        op.f("ck_escalation_run_one_subject"), "escalation_run", "(deadline_id IS NULL) <> (task_id IS NULL)"
    )
    op.create_index(
        "ix_escalation_run_policy", "escalation_run", ["policy_id"], postgresql_where=sa.text("next_at IS NOT NULL")
    )


def downgrade() -> None:
    """Drop what was added, and what only it can hold."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_escalation_run_policy", table_name="escalation_run")
    op.drop_constraint(op.f("ck_escalation_run_one_subject"), "escalation_run")
    op.drop_table("escalation_assignment")
    theirs = "(SELECT id FROM escalation_run WHERE task_id IS NOT NULL)"
    op.execute(f"DELETE FROM notice_attempt WHERE notice_id IN (SELECT id FROM notice WHERE run_id IN {theirs})")
    for table in ("notice", "acknowledgement", "escalation_mute", "escalation_rung"):
        op.execute(f"DELETE FROM {table} WHERE run_id IN {theirs}")
    op.execute("DELETE FROM escalation_run WHERE task_id IS NOT NULL")
    op.drop_constraint(op.f("uq_escalation_run_task_id"), "escalation_run")
    op.drop_constraint(op.f("fk_escalation_run_task_id"), "escalation_run")
    op.alter_column("escalation_run", "deadline_id", nullable=False)
    op.drop_column("escalation_run", "task_id")
    op.drop_column("escalation_policy", "nature")
    op.drop_column("escalation_policy", "actor")
    op.drop_table("alarm")
    op.drop_table("complaint_task")
