"""A text with its evidence marked, as the commands that explain show it."""

from rich.text import Text

from agents.cli.show import LEVEL_STYLES, plainly
from pipeline.explain import Explanation


def marked_text(explanation: Explanation, *, is_terminal: bool) -> Text:
    """The text with its evidence marked: by colour on a terminal, by brackets where colour is gone."""
    style, said = LEVEL_STYLES[explanation.level], plainly(explanation.text)
    text = Text()
    done = 0
    for start, end in explanation.marks:
        text.append(said[done:start])
        word = said[start:end]
        text.append(word if is_terminal else f"【{word}】", style=f"{style} underline")
        done = end
    return text.append(said[done:])
