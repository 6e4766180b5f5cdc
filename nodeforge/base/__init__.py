"""What all may know: units and numbers as text, files, memory. Nothing here knows a graph."""
