/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of `testudo run`. */
#ifndef TESTUDO_RUN_OPTIONS_H
#define TESTUDO_RUN_OPTIONS_H

#include "runtime/host/linux/linux.h"

extern const char run_help[];

/* Reads argv from argv[2] on and runs; the exit status (2: wrong usage, told on stderr). */
int run_main(int argc, char **argv);

/* "auto", "xfrm", "esp"; false for another word. */
bool run_dataplane(const char *text, enum linux_dataplane *ret);

#endif
