"""Every command of the main window, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodeforge.app import groups
from nodeforge.app.actions import Act
from nodeforge.app.canvas import faults, fitting
from nodeforge.app.frame.acts import shell_acts
from nodeforge.app.models.page import model_acts
from nodeforge.app.order import order_acts
from nodeforge.app.parameters import generator_act, parameter_acts
from nodeforge.app.picture_metadata import metadata_acts
from nodeforge.app.tuning import tuning_acts
from nodeforge.app.waiting import waiting_acts
from nodeforge.app.watching import watching_acts
from nodeforge.app.wires import wire_acts
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.window import Window


def commands(window: Window) -> tuple[Act, ...]:
    return (
        *_file(window),
        *_edit(window),
        *order_acts(window),
        *parameter_acts(window),
        *_run(window),
        *_view(window),
        *model_acts(window),
        *_help(window),
        Act("quit", tr("Quit"), window.close, ("Ctrl+Q",), "", "File", opens=True),
    )


def _file(window: Window) -> tuple[Act, ...]:
    files = window.files
    return (
        Act("new", tr("New"), files.new, ("Ctrl+N",), "file-plus", "File"),
        Act("open", tr("Open…"), files.ask_open, ("Ctrl+O",), "folder-open", "File"),
        Act("save", tr("Save"), files.save, ("Ctrl+S",), "save", "File", opens=True),
        Act("save_as", tr("Save as…"), files.save_as, ("Ctrl+Shift+S",), "", "File"),
        Act(
            "save_picture",
            tr("Save picture as…"),
            window.viewer.save_as,
            ("Ctrl+Alt+S",),
            "download",
            "File",
            opens=True,
        ),
        *metadata_acts(),
    )


def _edit(window: Window) -> tuple[Act, ...]:
    session, canvas = window.session, window.canvas

    def some() -> bool:
        return bool(session.selection)

    return (
        Act(
            "undo",
            tr("Undo"),
            session.undo,
            ("Ctrl+Z",),
            "undo-2",
            "Edit",
            enabled=lambda: session.history.can_undo,
            why=tr("Nothing was done yet."),
        ),
        Act(
            "redo",
            tr("Redo"),
            session.redo,
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            "redo-2",
            "Edit",
            enabled=lambda: session.history.can_redo,
            why=tr("Nothing was undone."),
        ),
        Act(
            "cut",
            tr("Cut"),
            canvas.cut,
            ("Ctrl+X", "Shift+Del"),
            "scissors",
            "Edit",
            opens=True,
            enabled=some,
            canvas=True,
        ),
        Act(
            "copy",
            tr("Copy"),
            canvas.copy,
            ("Ctrl+C", "Ctrl+Ins"),
            "copy",
            "Edit",
            enabled=some,
            canvas=True,
        ),
        Act(
            "paste",
            tr("Paste"),
            canvas.paste,
            ("Ctrl+V", "Shift+Ins"),
            "clipboard-paste",
            "Edit",
            canvas=True,
        ),
        Act(
            "duplicate",
            tr("Duplicate"),
            canvas.duplicate_selected,
            ("Ctrl+D",),
            "copy",
            "Edit",
            canvas=True,
            enabled=some,
        ),
        Act(
            "delete",
            tr("Delete"),
            canvas.delete_selected,
            ("Del", "Backspace"),
            "trash-2",
            "Edit",
            canvas=True,
            enabled=some,
        ),
        Act(
            "select_all",
            tr("Select all"),
            canvas.select_all,
            ("Ctrl+A",),
            "",
            "Edit",
            opens=True,
            canvas=True,
        ),
        Act(
            "mute",
            tr("Mute"),
            canvas.mute_selected,
            ("D",),
            "eye-off",
            "Edit",
            enabled=some,
            canvas=True,
        ),
        *wire_acts(window),
        *_group(window),
        Act(
            "edit_values",
            tr("Edit the values on the node"),
            canvas.rows.begin_selected,
            ("Shift+Return", "Shift+Enter"),
            "",
            "Edit",
            enabled=some,
            canvas=True,
        ),
        Act(
            "rename", tr("Rename"), canvas.inplace.begin_selected, ("F2",), "", "Edit", enabled=some
        ),
        Act("add", tr("Add a node…"), window.ask_node, (), "plus", "Edit", opens=True),
    )


def _group(window: Window) -> tuple[Act, ...]:
    session = window.session

    group = tr("Select a group first.")

    def one() -> bool:
        return bool(groups.chosen(session))

    return (
        Act(
            "group",
            tr("Group"),
            lambda: groups.gather(session),
            ("Ctrl+G",),
            "group",
            "Edit",
            opens=True,
            enabled=lambda: bool(session.selection),
            canvas=True,
        ),
        Act(
            "unpack",
            tr("Unpack the group"),
            lambda: groups.unpack(session),
            ("Ctrl+Shift+G",),
            "",
            "Edit",
            enabled=one,
            why=group,
            canvas=True,
        ),
        Act(
            "keep_group",
            tr("Save to My groups"),
            lambda: session.shelf.keep(groups.chosen(session)[-1]),
            (),
            "save",
            "Edit",
            enabled=one,
            why=group,
        ),
        Act(
            "go_in",
            tr("Go into the group"),
            lambda: groups.go_in(session),
            ("Return", "Enter"),
            "",
            "Edit",
            enabled=one,
            why=group,
            canvas=True,
        ),
        Act(
            "go_up",
            tr("Go up"),
            session.sight.up,
            ("U",),
            "",
            "Edit",
            enabled=lambda: bool(session.sight.scope),
            why=tr("This is the top; there is no group around it."),
            canvas=True,
        ),
    )


def _run(window: Window) -> tuple[Act, ...]:
    session = window.session
    return (
        Act("run", tr("Run"), session.run, ("Ctrl+Return", "Ctrl+Enter"), "play", "Run"),
        Act(
            "run_selected",
            tr("Run to the selected nodes"),
            window.run_selected,
            ("Ctrl+Alt+Return", "Ctrl+Alt+Enter"),
            "",
            "Run",
            enabled=lambda: bool(session.selection),
        ),
        *waiting_acts(session),
        Act("cancel", tr("Cancel"), window.escape, ("Esc",), "square", "Run"),
        Act(
            "next_problem",
            tr("Go to the next problem"),
            lambda: faults.go_to_next(window.canvas),
            ("F8",),
            "triangle-alert",
            "Run",
        ),
        Act(
            "free-memory",
            tr("Free memory now"),
            window.memory.let_go,
            (),
            "trash-2",
            "Run",
            opens=True,
        ),
        *tuning_acts(window),
    )


def _view(window: Window) -> tuple[Act, ...]:
    canvas, view = window.canvas, window.viewer.view
    wears = window.theme_choice
    return (
        generator_act(window),
        *shell_acts(window.shell),
        *watching_acts(window.viewer, window.session),
        Act(
            "fit",
            tr("Show the graph"),
            lambda: fitting.ask(canvas),
            ("Home", "A"),
            "maximize",
            "View",
            canvas=True,
        ),
        Act(
            "fit_selected",
            tr("Show the selected"),
            lambda: fitting.ask(canvas, selected=True),
            ("F",),
            "",
            "View",
            canvas=True,
        ),
        Act("panel", tr("Next panel"), lambda: window.next_panel(1), ("F6",), "", "View"),
        Act(
            "panel_back",
            tr("Last panel"),
            lambda: window.next_panel(-1),
            ("Shift+F6",),
            "",
            "View",
        ),
        Act("zoom_1", tr("Zoom 100 %"), lambda: canvas.zoom_to(1.0), ("Ctrl+0",), "", "View"),
        Act(
            "costs",
            tr("Time and memory of each node"),
            canvas.widget.toggle_costs,
            ("T",),
            "clock",
            "View",
            canvas=True,
            checked=lambda: canvas.scenery.costs,
        ),
        Act(
            "picture_fit", tr("Fit the picture"), view.fit, ("Ctrl+2",), "image", "View", opens=True
        ),
        Act("picture_1", tr("Picture 1:1"), view.one_to_one, ("Ctrl+1",), "", "View"),
        *(
            Act(
                f"theme_{choice}",
                title,
                lambda choice=choice: window.choose_theme(choice),  # type: ignore[misc]
                (),
                "",
                "View",
                opens=choice == "system",
                checked=lambda choice=choice: wears() == choice,  # type: ignore[misc]
            )
            for choice, title in (
                ("system", tr("Theme: as the system")),
                ("dark", tr("Theme: dark")),
                ("light", tr("Theme: light")),
            )
        ),
    )


def _help(window: Window) -> tuple[Act, ...]:
    return (
        Act(
            "palette",
            tr("All commands…"),
            window.ask_command,
            ("Ctrl+Shift+P",),
            "search",
            "Help",
        ),
        Act(
            "preferences",
            tr("Preferences…"),
            window.show_preferences,
            ("Ctrl+,",),
            "settings",
            "Edit",
            opens=True,
        ),
        Act("keys", tr("Change keys…"), window.show_keys, (), "", "Help"),
        Act("shortcuts", tr("Shortcuts"), window.show_shortcuts, ("F1",), "", "Help"),
        Act("about", tr("About NodeForge"), window.show_about, (), "info", "Help"),
    )
