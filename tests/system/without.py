# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a kernel that seems to lack something: without.py landlock|seccomp COMMAND...

A seccomp filter answers the system calls of that part with an error, as an older kernel does.
Exit code 77: this processor is not known here.
"""
import ctypes
import os
import platform
import sys

ENOSYS, EINVAL = 38, 22
SECCOMP_NUMBER = {"x86_64": 317, "aarch64": 277}
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2


class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8),
                ("k", ctypes.c_uint32)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("code", ctypes.POINTER(Instruction))]


def main():
    part, command = sys.argv[1], sys.argv[2:]
    seccomp = SECCOMP_NUMBER.get(platform.machine())
    if seccomp is None:
        sys.exit(77)
    calls = {"landlock": [(444, ENOSYS), (445, ENOSYS), (446, ENOSYS)],
             "seccomp": [(seccomp, EINVAL)]}[part]
    code = [Instruction(0x20, 0, 0, 0)]  # the call's number
    for number, error in calls:
        code.append(Instruction(0x15, 0, 1, number))
        code.append(Instruction(0x06, 0, 0, 0x00050000 | error))
    code.append(Instruction(0x06, 0, 0, 0x7FFF0000))
    program = Program(len(code), (Instruction * len(code))(*code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
            PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)):
        sys.exit("without.py: " + os.strerror(ctypes.get_errno()))
    os.execv(command[0], command)


main()
