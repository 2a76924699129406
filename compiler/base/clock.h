/* SPDX-License-Identifier: Apache-2.0 */
/* The wall clock as IOS writes it. */
#ifndef TESTUDO_CLOCK_H
#define TESTUDO_CLOCK_H

#include <stdint.h>

/* "20:00:01.123 UTC Mon Nov 23 2026"; wall: milliseconds since 1970. Returns buf. */
#define CLOCK_TEXT_MAX 80
const char *clock_text(int64_t wall, char buf[static CLOCK_TEXT_MAX]);
/* The same in whole seconds: "20:00:01 UTC Mon Nov 23 2026" */
const char *clock_text_seconds(int64_t wall, char buf[static CLOCK_TEXT_MAX]);

#endif
