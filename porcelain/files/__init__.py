"""Nouns as versioned JSON files, and files that are written whole or not at all."""

from .disk import no_leftovers, read_bytes, refuse_overwriting, whole, write_bytes
from .nouns import NOUNS, UPGRADES, VERSIONS, digest, from_json, kind_of, load, save, schema, to_json

__all__ = [
    "NOUNS",
    "UPGRADES",
    "VERSIONS",
    "digest",
    "from_json",
    "kind_of",
    "load",
    "no_leftovers",
    "read_bytes",
    "refuse_overwriting",
    "save",
    "schema",
    "to_json",
    "whole",
    "write_bytes",
]
