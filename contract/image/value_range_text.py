"""How messages and reports write a value range."""


def range_text(low: float, high: float) -> str:
    """Return a value range as the contract is read: "[0, 1]"."""
    return f"[{low:.4g}, {high:.4g}]"
