/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a router: `flash:` is one folder of small texts, in memory or on disk; beside it
 * stand the configurations, `nvram:startup-config` and `system:running-config`, which are the
 * router's.
 *
 * On disk a file is written beside the old one, synced and renamed, with mode 0600: after a crash
 * one of the two is there. Names cannot leave the folder, links are not followed, and sizes have
 * limits, because a session fills it (`| redirect`, scp, `copy`). A store that key servers share
 * (store_file_is) is listed, and nothing else.
 */
#ifndef TESTUDO_FILES_H
#define TESTUDO_FILES_H

#include "compiler/base/text.h"
#include "compiler/base/arena.h"

#define FILES_NAME_MAX  127         /* octets, folders and slashes included */
#define FILES_SIZE_MAX  (4u << 20)  /* octets of one file */
#define FILES_TOTAL_MAX (32u << 20) /* and of all */
#define FILES_COUNT_MAX 500

struct files;

struct files *files_new(void); /* in memory; gone with the process */
/* In a folder, made (mode 0700) when the first file is written. */
struct files *files_new_in(const char *folder);
void files_free(struct files *f); /* NULL is fine; files on disk stay */

/*
 * By their names in flash ("backup.cfg", "archive/R1-1"). 0 or -errno: -EINVAL is no name of a
 * file, -EPERM that of a store, -ENOENT, -EFBIG and -ENOSPC (the limits above). read adds to the
 * text. A write makes the folders in the name. wall: milliseconds since 1970, the file's time where
 * there is no disk.
 */
int files_read(const struct files *f, const char *name, struct text *ret);
int files_write(struct files *f, const char *name, struct span text, int64_t wall);
int files_append(struct files *f, const char *name, struct span text, int64_t wall);
int files_remove(struct files *f, const char *name);
bool files_has(const struct files *f, const char *name);

struct file_info {
	const char *name;
	size_t size;
	int64_t wall; /* milliseconds since 1970 */
};
/* All files sorted by name, in the caller's arena. */
const struct file_info *files_list(const struct files *f, struct arena *a, size_t *ret_n);

/* --- names as they are typed ------------------------------------------------------------------ */

enum file_kind {
	FILE_FLASH,   /* flash:x bootflash:/x disk0:x slot0:x, or plain x */
	FILE_STARTUP, /* nvram:startup-config, startup-config */
	FILE_RUNNING, /* system:running-config, running-config */
	FILE_NULL,    /* null: */
	FILE_REMOTE,  /* tftp: ftp: http: https: scp: sftp: rcp: ...: there is no client here */
	FILE_BAD      /* no such device, or no name a file can have */
};

struct file_name {
	enum file_kind kind;
	char device[16];               /* "flash", "nvram", "tftp"; "" when none was typed */
	char name[FILES_NAME_MAX + 1]; /* in flash; "" for the device alone */
};

enum file_kind file_name_parse(const char *typed, struct file_name *ret);
/* As IOS writes it: "flash:/x", "nvram:startup-config"; "" for FILE_BAD and FILE_REMOTE. */
#define FILE_NAME_TEXT (FILES_NAME_MAX + 24)
void file_name_text(const struct file_name *n, char buf[static FILE_NAME_TEXT]);
/* What stands in the brackets of "%Error opening flash:/x (...)". */
const char *file_error(int error);

#endif
