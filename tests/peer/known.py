"""Scenarios that fail today, and why. One that passes does not belong here."""
KNOWN = {
    'a push repeated for five seconds: its acknowledgement is not starved, nor sent each time':
        'not as the RFC has it yet',
    'the first packet under a key has sequence number 1, and none comes twice':
        'not as the RFC has it yet',
    'after kill -9, a start and a registration, a key that stays goes on behind its last number':
        'not as the RFC has it yet',
    'not counted: an acknowledgement with a protocol and port':
        'not as the RFC has it yet',
}
