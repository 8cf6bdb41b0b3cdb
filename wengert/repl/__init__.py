"""The interactive session without a terminal: its entries, their meaning, and completions."""

from ..api.texts import Entry, Sentence
from .completions import completions
from .session import Accepted, Evaluated, Session
from .verbs import GUIDE, PLAIN, VERBS

__all__ = ["GUIDE", "PLAIN", "VERBS", "Accepted", "Entry", "Evaluated", "Sentence", "Session", "completions"]
