"""Parts of the page, one a module; each is empty where there is nothing to show."""
