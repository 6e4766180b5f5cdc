"""A walk through the window by real mouse and keys, which a person can watch.

    python -m tests.app.walk                  on the screen that DISPLAY names, as fast as it goes
    python -m tests.app.walk --slow           at the pace of a hand
    python -m tests.app.walk --film walk.webp with a film of it

It needs X, xdotool and, for the keyboard, a window manager such as openbox.
"""
