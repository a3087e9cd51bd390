"""The model zoo: which models were published, where their files are, and a local store of those pulled.

`slim.zoo.pull.ensure` is what other parts call; `slim.zoo.catalog` says what there is.
"""
