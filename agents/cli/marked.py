"""A text with its evidence marked, as the commands that explain show it."""

from rich.text import Text

from agents.cli.show import LEVEL_STYLES
from pipeline.explain import Explanation


def marked_text(explanation: Explanation, *, is_terminal: bool) -> Text:
    """The text with its evidence marked: by colour on a terminal, by brackets where colour is gone."""
    style = LEVEL_STYLES[explanation.level]
    text = Text()
    done = 0
    for start, end in explanation.marks:
        text.append(explanation.text[done:start])
        word = explanation.text[start:end]
        text.append(word if is_terminal else f"【{word}】", style=f"{style} underline")
        done = end
    return text.append(explanation.text[done:])
