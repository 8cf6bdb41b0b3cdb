"""The interactive session, apart from the terminal: what was typed, what it means, and what could be typed next."""

from ..api.texts import Entry, Sentence
from .completions import completions
from .session import Accepted, Evaluated, Session
from .verbs import GUIDE, VERBS

__all__ = ["GUIDE", "VERBS", "Accepted", "Entry", "Evaluated", "Sentence", "Session", "completions"]
