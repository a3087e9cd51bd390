"""What a recipe did to a model, for people (HTML) and machines (JSON)."""

from slim.report.write import write_report

__all__ = ["write_report"]
