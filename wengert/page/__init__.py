"""A program as a page of HTML: its text, its circuit and both sweeps, step by step, in one file."""

from .contents import Request, contents
from .html_page import document
from .preparation import requested

__all__ = ["Request", "contents", "document", "requested"]
