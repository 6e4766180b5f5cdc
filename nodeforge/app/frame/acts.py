"""The commands that fold and unfold the panels."""

from __future__ import annotations

from nodeforge.app.actions import Act
from nodeforge.app.frame.shell import Shell
from nodeforge.app.words import tr


def shell_acts(shell: Shell) -> tuple[Act, ...]:
    return (
        Act(
            "pin_list",
            tr("Keep the list of nodes open"),
            lambda: shell.pin(not shell.list.docked),
            ("Ctrl+Alt+L",),
            "pin",
            "View",
            checked=lambda: shell.list.docked,
        ),
        Act(
            "fold_side",
            tr("Fold the picture and the Inspector"),
            lambda: shell.fold_side(not shell.side_folded),
            ("Ctrl+Alt+I",),
            "",
            "View",
            checked=lambda: shell.side_folded,
        ),
        Act(
            "wide_picture",
            tr("Large picture, or usual"),
            shell.toggle_wide,
            ("Ctrl+Alt+P",),
            "",
            "View",
        ),
    )
