"""The model's side of an explanation, as a terminal shows it."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from agents.cli.show import LEVEL_NAMES, plainly
from pipeline.learned.combine import Basis
from pipeline.learned.view import Clue, LearnedView

_BASES = {
    Basis.RULES: "规则判定 the rules decided",
    Basis.AGREED: "规则与模型一致 both say so",
    Basis.MODEL: "仅模型判定，置信度较低 the model alone, lower confidence",
    Basis.WITHHELD: "模型意见未采用：守卫或撤回优先 the model was not followed: a guard or a withdrawal comes first",
    Basis.TAKEN_BACK: "模型收回轻微信号 mild displeasure, taken back by the model",
}


def show_model(out: Console, view: LearnedView) -> None:
    """Probabilities, who decided, and what spoke for it."""
    answers = "  ".join(
        f"≥{LEVEL_NAMES[answer.level][2:]} {answer.probability:.0%}（阈值 from {answer.threshold:.0%}）"
        for answer in view.answers
    )
    out.print(f"模型 model  {answers}", markup=False)
    if view.read:
        alone = "  ".join(
            f"≥{LEVEL_NAMES[answer.level][2:]} {read:.0%}" for answer, read in zip(view.answers, view.read, strict=True)
        )
        out.print(f"其中精读 of this the reader  {alone}", markup=False)
    out.print(f"判定 basis  {_BASES[view.basis]}", markup=False)
    if view.ngrams:
        out.print(Text.assemble("字词 n-grams  ", _listed(view.ngrams)))
    if view.findings:
        out.print(Text.assemble("规则所见 findings  ", _listed(view.findings)))
    out.print(f"模型 model {view.version}", style="dim")


def _listed(clues: Sequence[Clue]) -> str:
    return "  ".join(f"{plainly(clue.name)} {clue.points:+.2f}" for clue in clues)
