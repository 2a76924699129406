/* SPDX-License-Identifier: Apache-2.0 */
/* `testudo help`: the manual, where it is looked for. */
#ifndef TESTUDO_HELP_H
#define TESTUDO_HELP_H

extern const char help_help[];

int help_main(int argc, char **argv);

#endif
