"""The command `tocsin`: which commands there are, in which encoding they speak, and how they end.

Exit codes: 0 done, 1 problems found, 2 wrong usage, settings or rules, 3 no broker, 130 Ctrl-C (`agents/cli/exits.py`).
"""

import errno
import os
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from agents.broker_errors import BrokerError, remember_failures, unreachable
from agents.cli.exits import Exit
from agents.cli.lazy import Lazy, group, lazy_group

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}

COMMANDS: dict[str, Lazy | typer.Typer] = {
    "demo": Lazy("agents.cli.demo:demo_command", "Start Kafka and a worker, replay a sample day, show the alerts."),
    "worker": Lazy("agents.cli.worker:worker_command", "Run one worker until SIGTERM; settings come from TOCSIN_…"),
    "board": Lazy("agents.cli.board:board_command", "Show the warning board in a browser; TOCSIN_BOARD__… says where."),
    "board-token": Lazy("agents.cli.board:token_command", "Make a token that lets somebody in to the board."),
    "hints": Lazy("agents.cli.hints:hints_command", "Show agents on the line what to know now; TOCSIN_HINTS__…"),
    "hints-token": Lazy("agents.cli.hints:token_command", "Make a token that lets an agent's desktop listen."),
    "intake": Lazy("agents.cli.intake:intake_command", "Receive webhooks of ticket, chat and call systems over HTTP."),
    "doctor": Lazy(
        "agents.cli.doctor:doctor_command", "Look for what could keep Tocsin from working; say how to fix it."
    ),
    "tag": Lazy("agents.cli.tag:tag_command", "Judge texts or dialogues: JSONL in, JSONL out, no Kafka."),
    "explain": Lazy("agents.cli.explain:explain_command", "Show what fires in a text, which guard spoke, and why not."),
    "simulate": Lazy(
        "agents.cli.simulate:simulate_command", "Run the pipeline in memory over records: JSONL in and out."
    ),
    "replay": Lazy("agents.cli.replay:replay_command", "Send recorded events to Kafka, at their pace or faster."),
    "backtest": Lazy("agents.cli.backtest:backtest_command", "Judge history by another rule pack; show what differs."),
    "tail": Lazy("agents.cli.tail:tail_command", "Show alerts, tags or dead letters as they come."),
    "topics": group(
        "Compare the topics of the broker with the table in schemas/topics.py, and create what is missing.",
        {
            "plan": Lazy("agents.cli.topics:plan_command", "Say what is missing or different; change nothing."),
            "apply": Lazy("agents.cli.topics:apply_command", "Create what is missing; nothing is changed or deleted."),
        },
    ),
    "broker": group(
        "A real Kafka on this machine, without Java or Docker.",
        {
            "up": Lazy("agents.cli.broker:up_command", "Start it, fetching it the first time."),
            "down": Lazy("agents.cli.broker:down_command", "Stop the one that `up` started; its data stay."),
            "status": Lazy("agents.cli.broker:status_command", "Say whether it runs and answers."),
        },
    ),
    "deliver": Lazy("agents.cli.deliver:deliver_command", "Send notifications to people, until SIGTERM."),
    "answer": Lazy("agents.cli.answer:answer_command", "Receive what people press on cards, until SIGTERM."),
    "oncall": group(
        "Who is told: people, rosters, chains, routes.",
        {
            "check": Lazy("agents.cli.oncall:check_command", "Read the on-call file and list every problem by line."),
            "who": Lazy("agents.cli.oncall:who_command", "Say who is on call."),
            "preview": Lazy("agents.cli.oncall:preview_command", "Show the next duties of a roster, gaps too."),
            "export": Lazy("agents.cli.duties:export_command", "Write the next duties of a roster as a calendar file."),
            "import": Lazy("agents.cli.duties:import_command", "Read a calendar file as overrides of a roster."),
        },
    ),
    "channels": group(
        "Ways to reach people.",
        {"test": Lazy("agents.cli.oncall:channels_test_command", "Send a test card and show the vendor's answer.")},
    ),
    "incidents": group(
        "What is open, and what people do about it.",
        {
            "list": Lazy("agents.cli.incidents:list_command", "Show open incidents."),
            "show": Lazy("agents.cli.incidents:show_command", "Show everything about one incident."),
            "ack": Lazy("agents.cli.incidents:ack_command", "Acknowledge: the chain stands still."),
            "resolve": Lazy("agents.cli.incidents:resolve_command", "Resolve: who was told is told so."),
            "escalate": Lazy("agents.cli.incidents:escalate_command", "The next step of the chain comes now."),
            "verdict": Lazy("agents.cli.incidents:verdict_command", "Say whether the alert was right."),
            "comment": Lazy("agents.cli.incidents:comment_command", "Keep a remark with it."),
            "audit": Lazy("agents.cli.incidents:audit_command", "Show who did what, also what was refused."),
        },
    ),
    "silence": group(
        "Not to be told for a while, on purpose.",
        {
            "add": Lazy("agents.cli.silences:add_command", "Silence what matches for a while."),
            "list": Lazy("agents.cli.silences:list_command", "Show the silences that stand."),
            "consent": Lazy("agents.cli.silences:consent_command", "Agree to a silence that is longer than a day."),
            "remove": Lazy("agents.cli.silences:remove_command", "End a silence before its time."),
        },
    ),
    "drill": group(
        "A made-up storm through everything, that reaches marked people only.",
        {
            "start": Lazy("agents.cli.drill:start_command", "Send a storm, wait, and say what became of it."),
            "report": Lazy("agents.cli.drill:report_command", "Say what became of a drill."),
        },
    ),
    "sla": group(
        "Policies and clocks of tickets.",
        {
            "check": Lazy("agents.cli.sla:check_command", "Read policies and list every problem by file and line."),
            "explain": Lazy("agents.cli.sla:explain_command", "Show the whole account of a ticket's clocks."),
        },
    ),
    "promises": group(
        "What agents have promised.",
        {
            "list": Lazy("agents.cli.promises:list_command", "Show what is still owed, and to whom."),
            "explain": Lazy("agents.cli.promises:explain_command", "Show the whole account of one promise."),
        },
    ),
    "verdicts": Lazy("agents.cli.verdicts:verdicts_command", "Keep count of what people say about alerts, as labels."),
    "labels": group(
        "What people said about alerts.",
        {
            "precision": Lazy("agents.cli.verdicts:precision_command", "Show how often each rule and level was right."),
            "export": Lazy("agents.cli.verdicts:export_command", "Write judged texts as lines to train a model with."),
        },
    ),
    "model": group(
        "The learned scorer beside the rules.",
        {
            "train": Lazy("agents.cli.model:train_command", "Train a model on labelled texts; write it with its card."),
            "reader": Lazy("agents.cli.model:reader_command", "Teach a reader to work beside a model."),
            "evaluate": Lazy("agents.cli.model:evaluate_command", "Cross-validate rules and model on labelled texts."),
            "inspect": Lazy("agents.cli.model:inspect_command", "Say what a model is, and what weighs most in it."),
        },
    ),
    "words": group(
        "What complaining customers talk about.",
        {
            "top": Lazy("agents.cli.hotwords:top_command", "Show the last hour of a place: hot words first."),
            "history": Lazy("agents.cli.hotwords:history_command", "Show in which hours a term was said."),
            "propose": Lazy("agents.cli.hotwords:propose_command", "Print new terms as entries for a rule pack."),
        },
    ),
    "rules": group(
        "The rule pack.",
        {
            "check": Lazy("agents.cli.rules:rules_check", "Read a rule pack and list every problem by file and line."),
            "push": Lazy(
                "agents.cli.packs:push_command", "Put a pack in force without a restart, or let it be counted."
            ),
            "status": Lazy("agents.cli.packs:status_command", "Show which packs each partition goes by."),
            "lint": Lazy(
                "agents.cli.rules_work:rules_lint", "Look for words that hit by accident, rules that never fire."
            ),
            "diff": Lazy(
                "agents.cli.rules_work:rules_diff", "Show which words, rules and levels differ between packs."
            ),
            "test": Lazy("agents.cli.rules_work:rules_test", "Play the examples that stand beside the rules."),
        },
    ),
}


def _version(*, asked: bool) -> None:
    if asked:
        from agents.ops.build import build

        typer.echo("tocsin {version} (Python {python}, faust-streaming {faust}, aiokafka {aiokafka})".format(**build()))
        raise typer.Exit


app = typer.Typer(
    cls=lazy_group(COMMANDS),
    help="投诉预警 · Complaint warnings from the stream of customer conversations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would show customers' words
)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=lambda asked: _version(asked=asked), is_eager=True, help="Show versions."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; every way to end has its code."""
    if sys.stdout is None:  # closed by whoever started us: nobody wants to hear it
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as we run
    speak_utf8(sys.stdin, sys.stdout, sys.stderr)
    remember_failures()
    try:
        app(prog_name="tocsin")
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # the reader of our output has seen enough
            sys.exit(Exit.OK)
        raise
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:
        code = _code_of(error)
        if code is None:
            raise
        typer.secho(f"tocsin: {_said(error)}", err=True, fg="red")
        if _is_unwritten(error):
            os._exit(code)  # the interpreter would try to write what is left, and end with a code of its own
        sys.exit(code)


def speak_utf8(*streams: TextIO) -> None:
    """Chinese text is UTF-8 whatever the locale says; what a terminal cannot show becomes a question mark."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape" if stream is sys.stdin else "replace")


def _code_of(error: Exception) -> Exit | None:
    """The exit code of an error that an operator can do something about; None for our own bugs."""
    from pipeline.errors import TocsinError

    if isinstance(error, ExceptionGroup):  # of tasks that ran side by side: the first one says why the others ended
        return _code_of(error.exceptions[0])
    if isinstance(error, BrokerError):
        return Exit.UNREACHABLE
    if isinstance(error, TocsinError) or _is_about_a_file(error) or _is_unwritten(error):
        return Exit.USAGE
    return Exit.UNREACHABLE if _is_unreachable(error) else None


def _is_unreachable(error: Exception) -> bool:
    kafka = sys.modules.get("aiokafka.errors")  # not imported: then it is not Kafka's
    return kafka is not None and isinstance(
        error, (kafka.KafkaConnectionError, kafka.NodeNotReadyError, kafka.KafkaTimeoutError)
    )


def _is_about_a_file(error: Exception) -> bool:
    """A file or folder that was named cannot be used; other errors of the system are not the caller's doing."""
    return isinstance(error, OSError) and error.filename is not None


def _is_unwritten(error: Exception) -> bool:
    """Our output has no room: a full disk, a quota."""
    return isinstance(error, OSError) and error.filename is None and error.errno in _NO_ROOM


def _said(error: Exception) -> str:
    """What an operator reads."""
    if isinstance(error, ExceptionGroup):
        return _said(error.exceptions[0])
    if isinstance(error, OSError) and _is_about_a_file(error):
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, OSError) and _is_unwritten(error):
        return f"无法写出 cannot write: {error.strerror}"
    if not _is_unreachable(error):
        return str(error)
    from agents.settings import load_settings

    return str(unreachable(load_settings().bootstrap, error))
