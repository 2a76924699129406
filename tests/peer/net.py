# SPDX-License-Identifier: Apache-2.0
"""Network namespaces, links and sockets in them, and raw packets on both ends of a link."""
import ctypes
import os
import select
import socket
import struct
import subprocess
import time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
own = os.open('/proc/self/ns/net', os.O_RDONLY)


def sh(*words, check=True):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
    if check and done.returncode:
        raise OSError('%s: %s' % (' '.join(words), done.stdout.strip()))
    return done.stdout


class Namespace:
    def __init__(self, name):
        self.name = name
        sh('ip', 'netns', 'add', name)
        self.fd = os.open('/run/netns/' + name, os.O_RDONLY)
        sh('ip', '-n', name, 'link', 'set', 'lo', 'up')

    def __enter__(self):
        if libc.setns(self.fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')

    def __exit__(self, *_):
        libc.setns(own, CLONE_NEWNET)

    def ip(self, *words):
        return sh('ip', '-n', self.name, *words)

    def run(self, *words, check=True):
        return sh('ip', 'netns', 'exec', self.name, *words, check=check)

    def close(self):
        os.close(self.fd)
        sh('ip', 'netns', 'del', self.name, check=False)


def mac(index, side):
    return bytes([2, 0x54, 0x44, side, index >> 8, index & 255])


def mac_text(m):
    return ':'.join('%02x' % b for b in m)


def link(a, adev, b, bdev, index):
    """A veth pair with addresses that are known beforehand and no chatter of IPv6."""
    sh('ip', 'link', 'add', adev, 'netns', a.name, 'address', mac_text(mac(index, 0)), 'type', 'veth',
       'peer', 'name', bdev, 'netns', b.name, 'address', mac_text(mac(index, 1)))
    for n, d in ((a, adev), (b, bdev)):
        n.run('sysctl', '-qw', 'net.ipv6.conf.%s.disable_ipv6=1' % d, check=False)
        n.ip('link', 'set', d, 'up')


class Udp:
    """UDP between one address here and one there, as phase1 and gdoi want their wire."""

    def __init__(self, namespace, local, remote, port=848, rport=848, device=None):
        with namespace:
            self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if device:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.s.bind((local, port))
        self.local, self.remote, self.rport = local, remote, rport
        self.inbox, self.from_port, self.all = [], None, []

    def send(self, data, to=None, port=None):
        try:
            self.s.sendto(data, (to or self.remote, port or self.rport))
        except ConnectionRefusedError:
            self.s.sendto(data, (to or self.remote, port or self.rport))

    def poll(self, timeout=0.0):
        """Takes what is there, after waiting so long for something; True when something came."""
        got = False
        while select.select([self.s], [], [], 0 if got else timeout)[0]:
            try:
                data, source = self.s.recvfrom(65535)
            except OSError:
                continue
            got = True
            if source[0] == self.remote:
                self.from_port = source[1]
                self.inbox.append(data)
                self.all.append((time.monotonic(), data))
        return got

    def receive(self, match, timeout):
        end = time.monotonic() + timeout
        while True:
            for i, data in enumerate(self.inbox):
                if match(data):
                    del self.inbox[i]
                    return data
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.poll(left)

    def forget(self):
        self.poll()
        self.inbox.clear()

    def close(self):
        self.s.close()


def checksum(data):
    if len(data) & 1:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return 0xffff - (total + (total >> 16)) & 0xffff


def address(text):
    return socket.inet_aton(text)


def ip_packet(src, dst, protocol, data, ttl=64, ident=1, tos=0, fragment=0x4000):
    head = struct.pack('!BBHHHBBH4s4s', 0x45, tos, 20 + len(data), ident, fragment, ttl, protocol, 0,
                       address(src), address(dst))
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + data


def udp_packet(src, dst, sport, dport, data, **more):
    head = struct.pack('!HHHH', sport, dport, 8 + len(data), 0)
    pseudo = address(src) + address(dst) + struct.pack('!BBH', 0, 17, 8 + len(data))
    c = checksum(pseudo + head + data) or 0xffff
    return ip_packet(src, dst, 17, head[:6] + struct.pack('!H', c) + data, **more)


def icmp_packet(src, dst, ident=7, seq=1, data=b'testudo!', kind=8, **more):
    body = struct.pack('!BBHHH', kind, 0, 0, ident, seq) + data
    return ip_packet(src, dst, 1, body[:2] + struct.pack('!H', checksum(body)) + body[4:], **more)


class Tap:
    """Raw frames on a device of a namespace: our end of a link."""

    def __init__(self, namespace, device, index):
        with namespace:
            self.s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.s.bind((device, 0))
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.here, self.there = mac(index, 0), mac(index, 1)

    def send(self, packet, multicast=None):
        there = self.there
        if multicast:
            there = b'\1\0\x5e' + bytes([address(multicast)[1] & 127]) + address(multicast)[2:]
        self.s.send(there + self.here + b'\x08\0' + packet)

    def flush(self):
        while select.select([self.s], [], [], 0)[0]:
            self.s.recv(65535)

    def collect(self, seconds, enough=None):
        """IPv4 packets that come from the other side in so long, or until enough(packets)."""
        out, end = [], time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.s], [], [], left)[0]:
                return out
            data, (_, proto, kind, _, source) = self.s.recvfrom(65535)
            if kind == socket.PACKET_OUTGOING or data[12:14] != b'\x08\0':
                continue
            size = struct.unpack_from('!H', data, 16)[0]
            out.append(data[14:14 + size])
            if enough and enough(out):
                return out

    def close(self):
        self.s.close()


class Packet:
    """The fields of an IPv4 packet that are looked at."""

    def __init__(self, data):
        self.data, size = data, (data[0] & 15) * 4
        self.protocol, self.payload = data[9], data[size:]
        self.src, self.dst = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
        self.ttl = data[8]
        self.sport = self.dport = None
        if self.protocol in (6, 17) and len(self.payload) >= 4:
            self.sport, self.dport = struct.unpack_from('!HH', self.payload)

    @property
    def esp(self):
        """(SPI, sequence number)"""
        return struct.unpack_from('!II', self.payload) if self.protocol == 50 and len(self.payload) >= 8 else None
