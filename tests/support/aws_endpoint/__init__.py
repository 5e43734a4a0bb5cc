"""A scripted AWS for tests: real HTTP, AWS's own models, signatures checked. See server.py and rules.py."""
from .server import Endpoint

__all__ = ['Endpoint']
