/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `testudo lab` reads a topology, brings it up, plays transcripts into it and, on a terminal or
 * with nothing to play, keeps it running; or prints what of it others read.
 */
#ifndef TESTUDO_LAB_MAIN_H
#define TESTUDO_LAB_MAIN_H

/* What `testudo lab --help` prints, and `testudo --help`. */
extern const char lab_help[];

/* argv[1] is `lab`. The exit status: 0, 1: the lab failed, or EXIT_USAGE: it did not start. */
int lab_main(int argc, char **argv);

#endif
