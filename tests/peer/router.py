# SPDX-License-Identifier: Apache-2.0
"""A running Testudo in a namespace: its process, its console, its log."""
import os
import re
import signal
import socket
import struct
import subprocess
import time

TESTUDO = os.environ.get('TESTUDO', 'build/testudo')
PROMPT = r'%s(?:\([^)]*\))?[>#]\s*'
QUESTION = r'[^\n]*\[yes/no\]: ?'


class Router:
    def __init__(self, namespace, folder, name, config, devices, dataplane=None):
        self.namespace, self.name = namespace, name
        self.config_file = os.path.join(folder, name + '.cfg')
        self.log_file = os.path.join(folder, name + '.log')
        with open(self.config_file, 'w') as f:
            f.write('hostname %s\n' % name + config)
        self.devices = devices
        self.dataplane = dataplane or os.environ.get('DATAPLANE', 'auto')
        self.line = None
        self.start()

    def start(self):
        self.socket_file = self.config_file + '.sock'
        words = [TESTUDO, 'run', '--netns', self.namespace.name, '--config', self.config_file,
                 '--name', self.name, '--dataplane', self.dataplane, '--socket', self.socket_file]
        for ios, device in self.devices.items():
            words += ['--interface', '%s=%s' % (ios, device)]
        self.out = open(self.log_file, 'ab')
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out)

    def log(self, mark=0):
        with open(self.log_file, errors='replace') as f:
            return f.read()[mark:]

    def mark(self):
        return len(self.log())

    def logged(self, pattern, mark=0, timeout=3.0):
        """The first match in the log behind `mark`, waited for."""
        end = time.monotonic() + timeout
        while True:
            found = re.search(pattern, self.log(mark))
            if found or time.monotonic() > end:
                return found
            time.sleep(0.02)

    def connect(self):
        end = time.monotonic() + 10
        while True:
            try:
                self.line = socket.socket(socket.AF_UNIX)
                self.line.connect(self.socket_file)
                break
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)
        self.line.settimeout(60)
        self.seen = self.unread = b''
        self.send(b'V', b'\1')
        self.send(b'T', bytes(4))
        self.until(PROMPT % '.*')
        self('enable', 'terminal length 0', 'terminal width 0')

    def send(self, kind, body):
        """A frame of cli/local/frame.h."""
        self.line.sendall(kind + struct.pack('>H', len(body)) + body)

    def take(self, data):
        self.unread += data
        while len(self.unread) >= 3:
            kind, n = struct.unpack('>cH', self.unread[:3])
            if len(self.unread) < 3 + n:
                break
            if kind in (b'o', b'e'):
                self.seen += self.unread[3:3 + n]
            self.unread = self.unread[3 + n:]

    def until(self, pattern):
        """What has come when its end matches. Patience is long: only a router that hangs needs it."""
        while True:
            clean = self.seen.decode(errors='replace').replace('\r', '')
            if re.search(pattern, clean):
                self.seen = b''
                return clean
            data = self.line.recv(65536)
            if not data:
                raise OSError('%s: the console is closed: %r' % (self.name, self.seen[-300:]))
            self.take(data)

    def ask(self, command, pattern=None):
        """Types a command; what is printed behind its echo, with a last line that matches: the prompt, unless
        the command asks something. A prompt in front of the echo is not its answer."""
        if self.line is None:
            self.connect()
        self.send(b'D', command.encode() + b'\r')
        answer = r'%s[ ]*\n((?:.*\n)?(?:%s))' % (re.escape(command), pattern or PROMPT % re.escape(self.name))
        return re.search(answer + r'$', self.until(r'(?s)%s$' % answer), re.S).group(1)

    def __call__(self, *commands):
        """Types commands; what the last one printed."""
        out = ''
        for c in commands:
            out = '\n'.join(self.ask(c).split('\n')[:-1])
        return out

    def alive(self):
        return self.process.poll() is None

    def kill(self, sig=signal.SIGKILL):
        if self.line:
            self.line.close()
            self.line = None
        self.process.send_signal(sig)
        self.process.wait(10)
        self.out.close()
