"""A program as a page of HTML: its text, its circuit and both sweeps, step by step, in one file."""

from .contents import Request, contents
from .html_page import FRAMED, document, editor
from .offline import FIRST, licences, offline_editor
from .preparation import requested

__all__ = ["FIRST", "FRAMED", "Request", "contents", "document", "editor", "licences", "offline_editor", "requested"]
