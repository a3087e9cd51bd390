"""The bundle: one converted model with everything a device needs to use it, and the hashes of all of it."""

from edge.bundle.bundle import Bundle, load_bundle
from edge.bundle.manifest import Manifest

__all__ = ["Bundle", "Manifest", "load_bundle"]
