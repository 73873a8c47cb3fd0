"""The column dictionary: what stands beside every file, and what `GET …/columns` answers."""

from vigilancia.core.vocabularies import Labels
from vigilancia.core.work import Work
from vigilancia.reports.columns import Profile
from vigilancia.reports.datasets import Dataset, Format
from vigilancia.reports.schemas import ColumnMeaning, Dictionary


def of(work: Work, dataset: Dataset, profile: Profile, format_: Format) -> Dictionary:
    """Return the columns of a file with their meanings in the three languages."""
    return Dictionary(
        dataset=dataset.name,
        format=format_,
        profile=profile,
        columns=[
            ColumnMeaning(
                name=column.name,
                type=column.type,
                meaning=Labels(
                    es=column.meaning(dataset.name, "es"),
                    en=column.meaning(dataset.name, "en"),
                    fr=column.meaning(dataset.name, "fr"),
                ),
            )
            for column in dataset.in_profile(work, profile)
        ],
    )
