/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a process can still name once it is running: Landlock, landlock(7). */
#ifndef TESTUDO_CAGE_FILES_H
#define TESTUDO_CAGE_FILES_H

#include "compiler/base/base.h"

enum cage_access {
	CAGE_READ,   /* a file, or a folder and all below it */
	CAGE_WRITE,  /* and write to what is there */
	CAGE_CHANGE, /* and make, replace and remove files and folders */
	CAGE_REMOVE, /* nothing but remove files of this folder */
	CAGE_DEVICE, /* a device: read, write, ioctl */
};

struct cage_path {
	const char *path; /* followed where it is a link; one that is not there is no rule */
	enum cage_access access;
	/*
	 * What the kernel makes when it is looked up (below /proc/sys): kept open for good, so that
	 * it stays what the rule is about.
	 */
	bool pinned;
};

/*
 * From now on this thread, and those that it will start, open nothing by name but what is below
 * these paths, execute nothing, and signal no other process. What is open stays so. abstract:
 * sockets without a file, made by others, can still be reached. 0 or -errno; *ret_version: of the
 * kernel's Landlock; 0: it has none, and nothing is shut.
 */
int cage_files_close(const struct cage_path *paths, size_t n, bool abstract, int *ret_version);

#endif
