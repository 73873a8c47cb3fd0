"""Register organisations, their contacts, facilities and identifiers.

Why:       a complaint names parties and places; each record has a keeper and a visibility.
Rows:      the tables begin empty.
Locks:     only what new foreign keys take on the tables they point to, for the moment of their making.
Old code:  never asks for these tables.
Way back:  drops them with all they hold.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("subdivision", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("host_institution", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', public.terms(name || ' ' || public.words(aliases)))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "trigrams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("public.trigrams(array_prepend(name, aliases))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("visibility IN ('private', 'linked', 'public')", name=op.f("ck_organization_visibility")),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_organization_owner_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["organization.id"], name=op.f("fk_organization_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    op.create_index("ix_organization_owner", "organization", ["owner_id"], unique=False)
    op.create_index("ix_organization_search", "organization", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_organization_trigrams", "organization", ["trigrams"], unique=False, postgresql_using="gin")
    op.create_index("ix_organization_updated", "organization", ["updated_at", "id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("desk", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("working_hours", postgresql.JSONB(), nullable=False),
        sa.Column("channels", postgresql.JSONB(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["contact.id"], name=op.f("fk_contact_deputy_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_contact_organization_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_contact_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_organization", "contact", ["organization_id", "id"], unique=False)
    op.create_table(
        "facility",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("subdivision", sa.Text(), nullable=True),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("products", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("hs_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("parent_company", sa.Text(), nullable=True),
        sa.Column("workforce", sa.BigInteger(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple', public.terms(name || ' ' || public.words(aliases) || ' ' || coalesce(company, '') || ' ' || coalesce(parent_company, '') || ' ' || coalesce(municipality, '')))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "trigrams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("public.trigrams(array_prepend(name, array_append(aliases, company)))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("visibility IN ('private', 'linked', 'public')", name=op.f("ck_facility_visibility")),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_facility_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
    )
    op.create_index("ix_facility_owner", "facility", ["owner_id"], unique=False)
    op.create_index("ix_facility_search", "facility", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_facility_trigrams", "facility", ["trigrams"], unique=False, postgresql_using="gin")
    op.create_index("ix_facility_updated", "facility", ["updated_at", "id"], unique=False)
    op.create_table(
        "identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(organization_id IS NULL) <> (facility_id IS NULL)", name=op.f("ck_identifier_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_identifier_facility_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_identifier_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_identifier_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier")),
        sa.UniqueConstraint("owner_id", "scheme", "value", name=op.f("uq_identifier_owner_id_scheme_value")),
    )
    op.create_index("ix_identifier_facility", "identifier", ["facility_id"], unique=False)
    op.create_index("ix_identifier_organization", "identifier", ["organization_id"], unique=False)
    op.create_index("ix_identifier_value", "identifier", ["scheme", "value"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("identifier")
    op.drop_table("facility")
    op.drop_table("contact")
    op.drop_table("organization")
