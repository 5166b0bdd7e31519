"""Settings of the knowledge files, from ``[integration.knowledge_files]``."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class KnowledgeSettings(BaseModel):
    """Where the files are, and what counts as an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folders: tuple[Path, ...] = Field(min_length=1, description="With .md and .csv files, also in folders inside.")
    tables: dict[str, str] = Field(
        {}, description="How a row of a CSV file is said: {'prices.csv' = 'The {product} costs {price}.'}."
    )
    values: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], ...] = Field(
        (), description="Columns of CSV files that dialplans get as values."
    )
    least_score: float = Field(0.42, ge=0, le=1, description="An entry that fits less is no answer.")
    longest: int = Field(400, ge=80, description="Characters of an answer; longer passages are cut after a sentence.")
    data_dir: Path = Field(Path(), description="The service's data folder; vectors are kept there.")
    time_limit_s: float = Field(3.0, gt=0, description="After this the caller hears that it takes too long.")
