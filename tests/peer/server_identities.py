# SPDX-License-Identifier: Apache-2.0
"""Phase 1 of our member with a key server that does it as it likes (RFC 2407 4.6, RFC 2408 5, RFC 2409
5, RFC 6407 3.1)."""
from member_lab import *
from scenario import check, scenario


def anew(lab, **more):
    """Phase 1 from its first message."""
    lab.gm.line or lab.gm.connect()
    lab.gm('clear crypto isakmp')
    lab.keys = None
    return lab.begin(**more)


def goes_on(lab, **more):
    """Does the member go on to message 1 of its registration? Waits as long as it takes until the member
    may tell this server of another error."""
    try:
        anew(lab, **more)
    except Failed:
        return False
    keys = lab.keys
    return lab.wire.receive(lambda d: len(d) >= 28 and d[18] == PULL and d[:16] == keys.icookie + keys.rcookie,
                            2.1) is not None


def registers(lab):
    """The member ends its registration under the SA that is there, and encrypts."""
    mark, t = lab.gm.mark(), tek('A')
    lab.answer(None, [t]).run()
    check(lab.gm.logged('GM_REGS_COMPL', mark), 'the member does not register: ' + lab.why(mark))
    lab.must_encrypt('A', t)


def told(lab, timeout=1.0):
    """The type of the error that the member tells in clear, None: nothing."""
    data = lab.wire.receive(lambda d: len(d) >= 28 and d[18] == INFO and not d[19] & ENCRYPTED, timeout)
    if data is None:
        return None
    body = one(unchain(data[16], data[28:]), NOTIFY)
    return struct.unpack_from('!H', body, 6)[0]


@scenario('2407 4.6.3.3', 'the first phase 1 says INITIAL-CONTACT, the second does not')
def _(lab):
    first = anew(lab)
    check(len(first.notified) == 1, '%d notifies in message 5' % len(first.notified))
    doi, protocol, size, kind = struct.unpack_from('!IBBH', first.notified[0])
    check((doi, protocol, size, kind) == (DOI_IPSEC, 1, 16, INITIAL_CONTACT), 'not as it should be')
    check(first.notified[0][8:24] == first.keys.icookie + first.keys.rcookie, 'of another SA')
    check(not anew(lab).notified, 'the second does')


def identity_taken(name, section, me):
    @scenario(section, 'taken as the identity of the key server: ' + name)
    def _(lab):
        check(goes_on(lab, me=me), 'the member does not go on')


def identity_refused(name, section, me):
    @scenario(section, 'refused as the identity of the key server: ' + name)
    def _(lab):
        check(not goes_on(lab, me=me), 'the member goes on')
        kind = told(lab)
        check(kind == INVALID_ID_INFORMATION, 'told is %s' % kind)


for protocol_, port_ in ((0, 0), (17, 500), (17, 848)):
    identity_taken('its address, protocol %d port %d' % (protocol_, port_), '2407 4.6.2',
                   identity(ID_IPV4, ipv4(SERVER), protocol_, port_))
for protocol_, port_ in ((6, 500), (17, 501), (0, 848), (17, 4500), (255, 65535)):
    identity_refused('its address, protocol %d port %d' % (protocol_, port_), '2407 4.6.2',
                     identity(ID_IPV4, ipv4(SERVER), protocol_, port_))
identity_refused('another address', '6407 3.1', identity(ID_IPV4, ipv4('10.66.0.2')))
identity_refused('a name', '6407 3.1', identity(ID_FQDN, b'ks.lab'))
identity_refused('a mail address', '6407 3.1', identity(ID_USER_FQDN, b'root@ks.lab'))
identity_refused('a key identifier', '6407 3.1', identity(ID_KEY_ID, b'KS'))
identity_refused('a subnet that holds its address', '6407 3.1',
                 identity(ID_SUBNET, ipv4('10.66.0.0') + ipv4('255.255.255.0')))
identity_refused('an address of five octets', '2407 4.6.2.2', identity(ID_IPV4, ipv4(SERVER) + b'\0'))


@scenario('2408 5.11', 'a wrong HASH_R is refused, and the server is told in clear')
def _(lab):
    def hook(number_, payloads):
        return [(k, bytes(len(b)) if k == HASH else b) for k, b in payloads] if number_ == 6 else payloads
    check(not goes_on(lab, hook=hook), 'the member goes on')
    kind = told(lab)
    check(kind == AUTHENTICATION_FAILED, 'told is %s' % kind)


@scenario('2409 5.4', 'a message 6 without HASH_R is refused')
def _(lab):
    def hook(number_, payloads):
        return [(k, b) for k, b in payloads if k != HASH] if number_ == 6 else payloads
    check(not goes_on(lab, hook=hook), 'the member goes on')


for octets in (8, 256):
    @scenario('2409 5', 'a nonce of %d octets in phase 1 is taken' % octets)
    def _(lab, n=octets):
        check(goes_on(lab, nonce=n), 'the member does not go on')

for octets in (7, 257):
    @scenario('2409 5', 'a nonce of %d octets in phase 1 is refused' % octets)
    def _(lab, n=octets):
        check(not goes_on(lab, nonce=n), 'the member goes on')
        kind = told(lab)
        check(kind == PAYLOAD_MALFORMED, 'told is %s' % kind)


@scenario('2408 5.14', 'an error in clear, with the cookies of the SA, changes nothing')
def _(lab):
    def hook(number_, payloads):
        if number_ == 4:
            cookies = Header.parse(lab.wire.all[-1][1])
            for kind in (NO_PROPOSAL_CHOSEN, AUTHENTICATION_FAILED):
                lab.wire.send(message(cookies.icookie, cookies.rcookie, INFO, [(NOTIFY, notify(kind))], mid=7))
        return payloads
    check(goes_on(lab, hook=hook), 'the member gives up')


@scenario('2408 5.14', 'a complaint about a message, under the SA, does not end the registration')
def _(lab):
    anew(lab)
    for kind in (PAYLOAD_MALFORMED, INVALID_COOKIE, INVALID_HASH_INFORMATION):
        lab.wire.send(lab.keys.informational([(NOTIFY, notify(kind))]))
    registers(lab)


@scenario('2408 5.15', 'a delete of the SA in clear, or with a wrong hash, changes nothing')
def _(lab):
    anew(lab)
    spi = lab.keys.icookie + lab.keys.rcookie
    body = delete([spi])
    lab.wire.send(message(lab.keys.icookie, lab.keys.rcookie, INFO, [(DELETE, body)], mid=7))
    lab.wire.send(lab.keys.informational([(DELETE, body)], good=False))
    registers(lab)


@scenario('2408 5.15', 'a delete of the SA that is authenticated ends it')
def _(lab):
    anew(lab)
    spi = lab.keys.icookie + lab.keys.rcookie
    lab.wire.send(lab.keys.informational([(DELETE, delete([spi]))]))
    first = lab.wire.receive(lambda d: len(d) >= 28 and d[18] == MAIN and d[8:16] == bytes(8), 20)
    check(first is not None, 'the member does not begin anew')
    lab.keys = None
    lab.phase1(first)
