/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the machine that the program runs on, as its command line names them. */
#ifndef TESTUDO_HOST_FILE_H
#define TESTUDO_HOST_FILE_H

#include "compiler/base/base.h"
#include "compiler/base/text.h"

/*
 * All of the file, "-" being stdin; of one that is longer than max octets some more than max. False
 * after saying why on stderr.
 */
bool host_file_read(const char *path, size_t max, struct text *ret);
/* Writes the whole text into an open file, in one piece or several; 0 or -errno. */
int host_file_write(int fd, struct span text);

#endif
