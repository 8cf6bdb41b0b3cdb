"""Laws of pages."""
