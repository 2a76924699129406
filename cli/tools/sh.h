/* SPDX-License-Identifier: Apache-2.0 */
/* `testudo sh`: lines of a router of this machine, by its Unix socket. */
#ifndef TESTUDO_SH_H
#define TESTUDO_SH_H

extern const char sh_help[];

/* Reads argv from argv[2] on; the exit status: 1 when a line was refused, 2 without a router. */
int sh_main(int argc, char **argv);

#endif
