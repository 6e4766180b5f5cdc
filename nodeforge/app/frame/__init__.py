"""What holds the panels: where the window stands, rails, drawers, columns, boxes that ask."""
