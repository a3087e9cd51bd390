"""Charts as SVG, one kind a module. Each has a name that screen readers say; its values stand behind it."""
