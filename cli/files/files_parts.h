/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What files.c and files_disk.c share: a folder on disk, by names that files_name_valid has
 * checked.
 */
#ifndef TESTUDO_FILES_PARTS_H
#define TESTUDO_FILES_PARTS_H

#include "cli/files/files.h"

#define FILES_DEPTH_MAX 4 /* folders in a name, and the file */

bool files_name_valid(const char *name);

/* 0 or -errno */
int disk_read(const char *folder, const char *name, struct text *ret);
int disk_write(const char *folder, const char *name, struct span text);
int disk_remove(const char *folder, const char *name);
bool disk_has(const char *folder, const char *name);
/* At most max of them, in no order. */
size_t disk_list(const char *folder, struct arena *a, struct file_info *ret, size_t max);

#endif
