/* SPDX-License-Identifier: Apache-2.0 */
/* See run_tell.h. */
#include "cli/app/run_tell.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is stderr the stream that the journal has opened? $JOURNAL_STREAM is its device and inode. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st))
		return false;
	snprintf(ours, sizeof(ours), "%llu:%llu", (unsigned long long)st.st_dev,
	         (unsigned long long)st.st_ino);
	return strcmp(stream, ours) == 0;
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
