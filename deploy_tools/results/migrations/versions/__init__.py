"""The changes, in the order of their numbers. None of them is ever edited: stores have been through them."""
