/* SPDX-License-Identifier: Apache-2.0 */
/* See run_tell.h. */
#include "cli/app/run_tell.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is stderr the stream that the journal has opened? $JOURNAL_STREAM is its device and inode. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void
run_tell(unsigned severity, const char *format, ...)
{
	va_list ap;

	flockfile(stderr);
	if (is_journal())
		fprintf(stderr, "<%u>", severity);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	funlockfile(stderr);
}
