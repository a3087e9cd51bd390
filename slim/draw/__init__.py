"""Pictures about models: marks on photographs, and the worst cases of an evaluation."""
