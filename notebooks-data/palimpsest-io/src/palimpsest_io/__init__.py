"""Read and write Palimpsest's feature stores and results.

>>> import palimpsest_io as pio
>>> with pio.open_store("vit.h5") as store:
...     store.taps, store["block.5"].shape

The schema of a store is docs/store.md of Palimpsest.
"""
from .results import read_results, read_table
from .store import Store, StoreError, open_store
from .writer import Recorder, StoreWriter, record

__all__ = ["Recorder", "Store", "StoreError", "StoreWriter", "open_store", "read_results", "read_table", "record"]
