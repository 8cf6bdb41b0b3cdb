"""The interactive session, apart from the terminal: what was typed, what it means, and what could be typed next."""

from .completions import completions
from .entry import Entry, Sentence
from .session import Accepted, Evaluated, Session
from .verbs import GUIDE, VERBS

__all__ = ["GUIDE", "VERBS", "Accepted", "Entry", "Evaluated", "Sentence", "Session", "completions"]
