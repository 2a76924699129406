/* SPDX-License-Identifier: Apache-2.0 */
/* How the file of a store in `flash:` is called, by which it is told from files of the user. */
#ifndef TESTUDO_STORE_FILE_H
#define TESTUDO_STORE_FILE_H

#include "compiler/base/base.h"

#define STORE_FILE_NAME_MAX 64 /* octets, without the end of the string */

/*
 * The name in "flash:coop.store", a part of what was given; NULL: it is none. Letters, digits, '.',
 * '-' and '_', no '.' first, ".store" at the end: it leads into no other folder.
 */
const char *store_file_named(const char *typed);

/* Is it such a file, or one that SQLite keeps beside it? The last part of a path counts. */
bool store_file_is(const char *path);

#endif
