/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says when its command line is wrong. */
#ifndef TESTUDO_USAGE_H
#define TESTUDO_USAGE_H

enum { EXIT_USAGE = 2 };

/* help: the command that tells more, "testudo run --help". EXIT_USAGE, after telling on stderr. */
int usage_error(const char *help, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Names the command that leads on, after an error that has been told. EXIT_USAGE. */
int usage_next(const char *command);

#endif
