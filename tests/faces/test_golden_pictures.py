"""Pictures of all samples are those that were looked at."""

from tests.oracles.pictures import DIGESTS, digest, drawn


def test_the_pictures_of_samples_are_as_they_were() -> None:
    """Where a change is meant, look at the pictures that `python -m tests.oracles.pictures FOLDER` writes."""
    known = [tuple(line.split("\t")) for line in DIGESTS.read_text("utf-8").splitlines()]
    assert [(name, format, digest(text)) for name, format, text in drawn()] == known
