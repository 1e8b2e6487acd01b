"""Where files come from: what can be pulled, from where and under which terms, and where it lies.

The registry (registry.py; ontologies.py, cases.py) says what there is, places.py where it lies, manifest.py what was pulled;
pulling.py brings it, over transfer.py; condition.py says what is here. The last three load only when they are asked for.
"""

from raredx_bench.sources.places import (
    SHIPPED,
    SOURCES,
    data_dir,
    data_dir_default,
    find,
    find_all,
    how_to_get,
    looked_through,
    pull_command,
    require,
)
from raredx_bench.sources.registry import LICENCES, Licence, Remote, Source, named

__all__ = [
    "LICENCES", "SHIPPED", "SOURCES", "Licence", "Remote", "Source", "data_dir", "data_dir_default", "find", "find_all",
    "how_to_get", "looked_through", "named", "pull_command", "require",
]  # fmt: skip
