"""What comes in from outside: dropped or pasted files, pixels, models, graphs and text.

`mime` reads what a drag or the clipboard holds, `kinds` tells what it is, `placement` decides what
a place on the canvas does with it, `intake` does it.
"""
