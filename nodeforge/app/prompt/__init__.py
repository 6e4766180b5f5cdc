"""The editor for words that say what to draw."""

from nodeforge.app.prompt.editor import PromptEdit

__all__ = ["PromptEdit"]
