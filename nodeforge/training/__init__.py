"""Training: the code that made the embedded models, and that makes them again.

Scenes are composed from cut-out pictures and captioned as they are made, so every model of the
family learns from the same endless stream. Only `nodeforge train` imports this package.
"""
