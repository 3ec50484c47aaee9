"""The root of what an operator has to put right. Bad input is not here: that is a value, a `Refusal`.

TocsinError
├── SettingsError    agents/settings.py   a TOCSIN_ variable is wrong, missing or unknown
├── BrokerError      agents/broker        a Kafka of ours could not be fetched, started or stopped
├── IntakeError      pipeline/intake      the file of webhook sources is wrong
├── RulePackError    pipeline/rules       a rule file is wrong
├── OnCallError      pipeline/incidents   the on-call file is wrong
└── SlaError         pipeline/sla         a file of policies or calendars is wrong
"""


class TocsinError(Exception):
    """Something an operator has to put right; its text says what, and how. Never a reason to go on."""
