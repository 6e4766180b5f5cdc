"""The library of models in the window: a list to search, to drag from, to choose from."""
