"""One test that passes."""


def test_addition() -> None:
    """Pass."""
    assert 1 + 1 == 2
