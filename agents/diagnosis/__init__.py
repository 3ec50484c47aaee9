"""What could keep Tocsin from working on this machine. Each check looks at one thing and says how to put it right."""

from agents.diagnosis.deadlines import check_policies
from agents.diagnosis.files import check_files
from agents.diagnosis.finding import Finding, Verdict
from agents.diagnosis.installation import check_origin, check_packages, check_python, check_terminal
from agents.diagnosis.surroundings import (
    check_broker_and_topics,
    check_demo,
    check_ops_port,
    check_rules,
    check_settings,
)

CHECKS = (
    check_python,
    check_terminal,
    check_packages,
    check_origin,
    check_settings,
    check_rules,
    check_policies,
    check_files,
    check_ops_port,
    check_demo,
    check_broker_and_topics,
)

__all__ = ["CHECKS", "Finding", "Verdict"]
