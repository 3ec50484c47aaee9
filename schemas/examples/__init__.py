"""One example of every message, by what it is about. They stand in the published schemas, and tests read them back."""

from schemas.base import Wire
from schemas.examples.complaints import COMPLAINTS
from schemas.examples.figures import FIGURES
from schemas.examples.incidents import INCIDENTS
from schemas.examples.machinery import MACHINERY
from schemas.examples.sent import SENT
from schemas.examples.tickets import TICKETS

EXAMPLES: tuple[Wire, ...] = (*SENT, *COMPLAINTS, *TICKETS, *FIGURES, *INCIDENTS, *MACHINERY)
