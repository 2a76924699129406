"""Scenarios that fail today, and why. One that passes does not belong here."""
KNOWN = {
    'a push repeated for five seconds: its acknowledgement is not starved, nor sent each time':
        'not as the RFC has it yet',
}
