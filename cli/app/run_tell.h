/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `testudo run` says on stderr. Where that is the journal (systemd), each line begins with its
 * severity, "<4>", as sd-daemon(3) has it, and the journal keeps it with the line. Nothing waits
 * for a reader: what cannot be written at once is lost, and the next line that can says how many
 * were.
 */
#ifndef TESTUDO_RUN_TELL_H
#define TESTUDO_RUN_TELL_H

enum { TELL_ERROR = 3, TELL_WARNING = 4, TELL_INFO = 6 };

/* One line, with its end. severity: 0 emergencies .. 7 debugging. */
void run_tell(unsigned severity, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
