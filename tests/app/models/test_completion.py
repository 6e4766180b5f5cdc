"""LoRAs and embeddings in the completion of a prompt: what wakes them, and their names."""

from __future__ import annotations

import json

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nodeforge.app.fields import PromptField
from nodeforge.app.prompt.vocabulary import learnt
from tests.app.conftest import PROMPT
from tests.app.models.conftest import Shelf
from tests.models import files


def test_what_the_library_has_is_offered_in_a_prompt(shelf: Shelf) -> None:
    told = json.dumps({"trainedWords": ["sumi stroke"]})
    (shelf.root / "loras/ink_wash.civitai.info").write_text(told)
    files.weights(shelf.root / "embeddings/easy.safetensors", {"emb_params": (4, 768)})
    shelf.look()
    found = learnt(shelf.stock.entries.values())
    assert found[0] == "sumi stroke"
    assert {"ink_wash", "easy"} <= set(found)
    assert not {"half_copied", "dreamshaper_8", "strange"} & set(found)

    session = shelf.desk.session
    session.edit("Clear", session.document.reset(PROMPT, "text"))
    session.select([PROMPT])
    field = shelf.desk.window.inspector.rows["text"].field
    assert isinstance(field, PromptField)
    shelf.desk.window.activateWindow()
    field.words.setFocus()
    for begun, whole in (("sum", "sumi stroke"), ("ink_", "ink_wash"), ("eas", "easy")):
        field.words.clear()
        QTest.keyClicks(field.words, f"a cat, {begun}")
        if not field.words.offering:
            field.words.offer()
        QTest.keyClick(field.words._list, Qt.Key.Key_Tab)
        assert field.words.toPlainText().startswith(f"a cat, {whole[:3]}")
        assert whole in field.words._offer.stringList()
