"""Running a recipe: its steps one after the other, resumable, judged by gates."""
