#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hardening.py PROGRAM [fortified]: what the build is to have made of the program against mistakes of ours.

Reads the ELF file itself (64 bits, little endian). Exit status 77 where the file is another kind.
"""
import struct
import sys

PT_LOAD, PT_DYNAMIC, PT_GNU_STACK, PT_GNU_RELRO = 1, 2, 0x6474E551, 0x6474E552
ET_DYN, EM_X86_64 = 3, 62
DT_STRTAB, DT_TEXTREL, DT_RPATH, DT_RUNPATH, DT_FLAGS, DT_FLAGS_1 = 5, 22, 15, 29, 30, 0x6FFFFFFB
DF_BIND_NOW, DF_1_NOW, DF_1_PIE = 8, 1, 0x08000000
SHT_SYMTAB, SHT_DYNSYM = 2, 11
PF_X, PF_W = 1, 2

path = sys.argv[1]
with open(path, 'rb') as f:
    elf = f.read()
if elf[:6] != b'\x7fELF\x02\x01':
    print(f'{path}: not an ELF file of 64 bits, little endian')
    sys.exit(77)
e_type, machine = struct.unpack_from('<HH', elf, 16)
phoff, shoff = struct.unpack_from('<QQ', elf, 32)
phsize, phnum, shsize, shnum, shstrndx = struct.unpack_from('<5H', elf, 54)


def string(at):
    return elf[at:elf.index(b'\0', at)].decode()


segments = []
for i in range(phnum):
    kind, flags, offset, _, _, size = struct.unpack_from('<IIQQQQ', elf, phoff + i * phsize)
    segments.append((kind, flags, offset, size))
headers = [struct.unpack_from('<IIQQQQIIQQ', elf, shoff + i * shsize) for i in range(shnum)]
names = headers[shstrndx][4]
sections = {string(names + h[0]): h for h in headers}

dynamic = {}
for kind, flags, offset, size in segments:
    if kind == PT_DYNAMIC:
        dynamic.update(struct.iter_unpack('<qQ', elf[offset:offset + size]))


def symbols(kind):
    """name, value and section of each"""
    for h in headers:
        if h[1] != kind:
            continue
        strings = headers[h[6]][4]
        for name, _, _, section, value, _ in struct.iter_unpack('<IBBHQQ', elf[h[4]:h[4] + h[5]]):
            yield string(strings + name), value, section


def code(name):
    """the first octets of a function of the program's own"""
    for kind in (SHT_SYMTAB, SHT_DYNSYM):
        for symbol, value, section in symbols(kind):
            if symbol == name and 0 < section < shnum:
                at = value - headers[section][3] + headers[section][4]
                return elf[at:at + 4]
    return b''


wanted = {symbol for symbol, _, section in symbols(SHT_DYNSYM) if section == 0}
text = elf[sections['.text'][4]:][:sections['.text'][5]]
kinds = [kind for kind, *_ in segments]
found = {
    'it is position independent (PIE)': e_type == ET_DYN and dynamic.get(DT_FLAGS_1, 0) & DF_1_PIE,
    'what the linker resolves is read-only (RELRO)': PT_GNU_RELRO in kinds,
    'all of it is resolved at the start (BIND_NOW)':
        dynamic.get(DT_FLAGS, 0) & DF_BIND_NOW and dynamic.get(DT_FLAGS_1, 0) & DF_1_NOW,
    'its stack is not executable': any(k == PT_GNU_STACK and not f & PF_X for k, f, *_ in segments),
    'nothing is both writable and executable':
        not any(k == PT_LOAD and f & PF_W and f & PF_X for k, f, *_ in segments),
    'its code is not relocated': DT_TEXTREL not in dynamic,
    'no folder of libraries is built in': DT_RPATH not in dynamic and DT_RUNPATH not in dynamic,
    'stacks are guarded (-fstack-protector-strong)': '__stack_chk_fail' in wanted,
}
if 'fortified' in sys.argv[2:]:
    found['calls of libc are checked (_FORTIFY_SOURCE)'] = any(
        s.startswith('__') and s.endswith('_chk') for s in wanted)
if machine == EM_X86_64:
    found['functions begin where a jump may land (-fcf-protection)'] = code('main') == b'\xf3\x0f\x1e\xfa'
    # How gcc and clang touch each page of a large frame: orq $0,(%rsp); movq $0,(%rsp)
    found['large frames touch each page (-fstack-clash-protection)'] = any(
        probe in text for probe in (b'\x48\x83\x0c\x24\x00', b'\x48\xc7\x04\x24\0\0\0\0'))
lacks = [what for what, there in found.items() if not there]
for what in lacks:
    print(f'{path}: not so: {what}')
print(f'{len(found) - len(lacks)} of {len(found)} hold')
sys.exit(1 if lacks else 0)
