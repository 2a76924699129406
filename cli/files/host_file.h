/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the machine that the program runs on, as its command line names them. They may hold
 * keys: no buffer but the caller's own text keeps anything of them.
 */
#ifndef TESTUDO_HOST_FILE_H
#define TESTUDO_HOST_FILE_H

#include "compiler/base/base.h"
#include "compiler/base/text.h"

/*
 * Adds all that a descriptor gives to the text. 0 or -errno, -EFBIG when it is more than max
 * octets; after an error the text is empty. The descriptor stays open.
 */
int host_file_take(int fd, size_t max, struct text *ret);
/*
 * A text as editors of other systems leave it: a byte order mark in front of UTF-8 goes. -EILSEQ:
 * it is UTF-16, or UTF-32.
 */
int host_file_decode(struct text *t);
/* Why a file cannot be had, by the error of one of these. */
const char *host_file_error(int error);
/*
 * All of the file, decoded; "-" is stdin. False after saying why on stderr; then the text is empty.
 */
bool host_file_read(const char *path, size_t max, struct text *ret);
/* Writes the whole text into an open file, in one piece or several; 0 or -errno. */
int host_file_write(int fd, struct span text);
/*
 * Puts the text in place of a file in the folder `at`: it is written under the name `beside`, to
 * the disk, and then renamed; after a crash the old file or the new one is there. For its owner's
 * eyes alone (0600). 0 or -errno; -errno also when only the folder could not be written to the
 * disk.
 */
int host_file_replace(int at, const char *name, const char *beside, struct span text);
/* The folder of a path, "." when it names none; and its last part. The caller frees the folder. */
char *host_file_folder(const char *path, const char **ret_last);
/* The same with a path: what is written first stands beside it under the name PATH.new. */
int host_file_put(const char *path, struct span text);
/* The same where there is none yet; -EEXIST: there is one, and it stays. */
int host_file_create(const char *path, struct span text);
/*
 * Gives a file that cannot be read the name PATH.unread, so that what is written in its place does
 * not overwrite it; and, with the same ending, what stands beside it under its name and one of the
 * suffixes (NULL ends them; NULL: none). An earlier one of that name goes. 0, also when it is not
 * there, or -errno.
 */
int host_file_put_aside(const char *path, const char *const *suffixes);

#endif
