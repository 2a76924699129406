"""Scenarios that fail today, and why. One that passes does not belong here."""
KNOWN = {
    'pull and traffic: AES-GMAC-128, key as INTEGRITY under a sender identifier':
        'not as the RFC has it yet',
    'pull and traffic: AES-GMAC-256, key as INTEGRITY under a sender identifier':
        'not as the RFC has it yet',
    'a pull without a TEK, which comes by a rekey':
        'not as the RFC has it yet',
    'taken in a pull: Group Description in a SAT, which is ignored':
        'not as the RFC has it yet',
    'refused in a pull: an unknown address preservation':
        'not as the RFC has it yet',
    'refused in a pull: an unknown direction':
        'not as the RFC has it yet',
    'refused in a pull: SPI 0':
        'not as the RFC has it yet',
    'refused in a pull: SPI 1':
        'not as the RFC has it yet',
    'refused in a pull: SPI 255':
        'not as the RFC has it yet',
    'refused in a pull: AH, with the reason in the log':
        'not as the RFC has it yet',
    'address preservation Destination-Only is done, or refused with a reason':
        'not as the RFC has it yet',
    'refused in a pull: two encryption keys':
        'not as the RFC has it yet',
    'refused in a pull: a public key that is none':
        'not as the RFC has it yet',
    'not used: a SID packet with an SPI':
        'not as the RFC has it yet',
    'a nonce of 129 octets in message 2 is refused':
        'not as the RFC has it yet',
    'a nonce of 256 octets in message 2 is refused':
        'not as the RFC has it yet',
    'a push of one TEK of two: the other lives on':
        'not as the RFC has it yet',
    'a push with traffic of a new kind: it is added, what was there lives on':
        'not as the RFC has it yet',
    'a push of a new Rekey SA alone: the next push comes under it, from SEQ 1':
        'not as the RFC has it yet',
    'a push of a new Rekey SA with another key to sign with':
        'not as the RFC has it yet',
    'Group Description in the SAT of a push is ignored':
        'not as the RFC has it yet',
    'GAP in a push: the old key sends until ATD, the new one then, the old one goes at DTD':
        'not as the RFC has it yet',
    'a SID packet in a push does not change the sender identifier':
        'not as the RFC has it yet',
    'a counter mode in a push to a member without a sender identifier is not installed':
        'not as the RFC has it yet',
    'refused in a push: SPI 0':
        'not as the RFC has it yet',
    'refused in a push: SPI 1':
        'not as the RFC has it yet',
    'refused in a push: SPI 255':
        'not as the RFC has it yet',
    'refused in a push: SPI 0 beside a good TEK':
        'not as the RFC has it yet',
    'refused in a push: an SA with a situation':
        'not as the RFC has it yet',
    'a whole push replayed changes nothing':
        'not as the RFC has it yet',
    'refused in a push: version 1.1':
        'not as the RFC has it yet',
    'a push that is longer than its header says is dropped':
        'not as the RFC has it yet',
    'when all its keys are deleted, the member registers again, soon':
        'not as the RFC has it yet',
    'a delete of the Rekey SA: the member registers again, soon; the old one is dead':
        'not as the RFC has it yet',
    'a stale SEQ of a second pull does not turn the counter back':
        'not as the RFC has it yet',
    'a delete and new keys in one push':
        'not as the RFC has it yet',
    'refused: a delete of DOI 1':
        'not as the RFC has it yet',
    'refused: a delete of DOI 0':
        'not as the RFC has it yet',
    'refused: a delete of one good and one bad payload':
        'not as the RFC has it yet',
    'refused: a delete beside an SA with a situation':
        'not as the RFC has it yet',
    'three pushes in a row: each is acknowledged':
        'not as the RFC has it yet',
    'a push repeated for five seconds: its acknowledgement is not starved, nor sent each time':
        'not as the RFC has it yet',
    'rekeys to another port: heard there, acknowledged from there, and no longer when it is over':
        'not as the RFC has it yet',
    'rekeys by multicast to another port':
        'not as the RFC has it yet',
}
