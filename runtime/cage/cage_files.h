/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a process can still name once it is running: Landlock, landlock(7). */
#ifndef TESTUDO_CAGE_FILES_H
#define TESTUDO_CAGE_FILES_H

#include "compiler/base/base.h"

enum cage_access {
	CAGE_READ,    /* a file, or a folder and all below it */
	CAGE_WRITE,   /* and write to what is there */
	CAGE_CHANGE,  /* and make, replace and remove files and folders */
	CAGE_REMOVE,  /* nothing but remove files of this folder */
	CAGE_DEVICE,  /* a device: read, write, ioctl; or a folder of them */
	CAGE_EXECUTE, /* as CAGE_READ, and run what is there */
};

struct cage_path {
	const char *path; /* followed where it is a link */
	enum cage_access access;
	bool required; /* else what is not there, or not to be reached, is no rule */
	/*
	 * What the kernel makes when it is looked up (below /proc/sys): kept open for good, so that
	 * it stays what the rule is about.
	 */
	bool pinned;
};

struct cage_files {
	int version; /* of the kernel's Landlock; 0: it has none, and nothing will be shut */
	int ruleset;
};

/*
 * Looks up these paths, with the rights that the process still has. abstract: sockets without a
 * file, made by others, can still be reached. 0, and then cage_files_close or _drop follows; or
 * -errno, and *ret_path is the path that cannot be had, or NULL.
 */
int cage_files_open(const struct cage_path *paths, size_t n, bool abstract, struct cage_files *ret,
                    const char **ret_path);

/*
 * From now on this thread, and those that it will start, open nothing by name but what is below
 * those paths, execute nothing, and signal no other process. What is open stays so. 0 or -errno.
 */
int cage_files_close(struct cage_files *files);

/* Instead of it. */
void cage_files_drop(struct cage_files *files);

#endif
