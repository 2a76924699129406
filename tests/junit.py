#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads ctest's JUnit file for tests/run.

junit.py FILE        one line a test: name, passed|failed|skipped, reason (tab-separated)
junit.py FILE NAME   what that test printed
"""

import sys
import xml.etree.ElementTree as ET


def main():
    try:
        cases = ET.parse(sys.argv[1]).getroot().findall("testcase")
    except (OSError, ET.ParseError):
        return
    for case in cases:
        output = case.findtext("system-out") or ""
        if len(sys.argv) > 2:
            if case.get("name") == sys.argv[2]:
                print(output)
            continue
        result, reason = "passed", ""
        if case.find("failure") is not None:
            result, reason = "failed", case.find("failure").get("message") or ""
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            lines = output.strip().splitlines()
            result, reason = "skipped", lines[-1] if lines else "not run"
        print(case.get("name"), result, reason, sep="\t")


main()
