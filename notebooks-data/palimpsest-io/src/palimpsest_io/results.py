"""Results as pandas tables."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas


def read_table(path: str | os.PathLike[str]) -> pandas.DataFrame:
    """One CSV of an analysis. Empty fields are missing; nothing else is (a class may be called "NA" or "None")."""
    import pandas

    return pandas.read_csv(path, keep_default_na=False, na_values=[""])


def read_results(folder: str | os.PathLike[str]) -> dict[str, pandas.DataFrame]:
    """All tables of a folder of results and of the folders in it, by their path without `.csv`.

    ``read_results("results")["quality/quality"]``. What `provenance.json` beside a table notes (images left out, what cannot be
    compared) is in the table's ``attrs["notes"]``.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no folder of results")
    tables = {}
    for path in sorted(folder.rglob("*.csv")):
        table = read_table(path)
        provenance = path.parent / "provenance.json"
        if provenance.is_file():
            table.attrs["notes"] = json.loads(provenance.read_text(encoding="utf-8")).get("notes", [])
        tables[path.relative_to(folder).with_suffix("").as_posix()] = table
    return tables
