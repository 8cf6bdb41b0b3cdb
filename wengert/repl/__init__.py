"""The interactive session without a terminal: its entries, their meaning, and completions."""

from ..api.texts import Entry, Sentence
from .completions import completions
from .session import Accepted, Evaluated, Session
from .verbs import GUIDE, VERBS

__all__ = ["GUIDE", "VERBS", "Accepted", "Entry", "Evaluated", "Sentence", "Session", "completions"]
