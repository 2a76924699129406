/* SPDX-License-Identifier: Apache-2.0 */
/* `testudo convert` and `testudo schema`. */
#ifndef TESTUDO_CONVERT_H
#define TESTUDO_CONVERT_H

extern const char convert_help[], schema_help[];

/* Read argv from argv[2] on; the exit status. */
int convert_main(int argc, char **argv);
int schema_main(int argc, char **argv);

#endif
