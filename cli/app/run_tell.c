/* SPDX-License-Identifier: Apache-2.0 */
/* See run_tell.h. */
#include "cli/app/run_tell.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/base/text.h"

#define PIECE_MAX 4096 /* octets: a pipe that is writable takes so many at once (PIPE_BUF) */

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

/*
 * Writes without waiting: whoever reads it may have stopped, and the router must go on. The stream
 * is others' as well, so that it cannot be made not to block. False: not all was taken.
 */
static bool
write_now(const char *p, size_t n)
{
	struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
	ssize_t wrote;

	while (n) {
		size_t piece = n < PIECE_MAX ? n : PIECE_MAX;

		wrote = send(STDERR_FILENO, p, piece, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (wrote < 0 && errno == ENOTSOCK)
			wrote = poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT)
			            ? write(STDERR_FILENO, p, piece)
			            : -1;
		if (wrote <= 0)
			return false;
		p += wrote;
		n -= (size_t)wrote;
	}
	return true;
}

void
run_tell(unsigned severity, const char *format, ...)
{
	static unsigned lost; /* lines, since the last that was taken */
	struct text line = TEXT_INIT;
	va_list ap;

	flockfile(stderr);
	fflush(stderr);
	if (lost && is_journal())
		text_printf(&line, "<%u>", TELL_WARNING);
	if (lost)
		text_printf(&line, "testudo: %u lines are lost: nobody read them\n", lost);
	if (is_journal())
		text_printf(&line, "<%u>", severity);
	va_start(ap, format);
	text_vprintf(&line, format, ap);
	va_end(ap);
	lost = write_now(line.p, line.n) ? 0 : lost + 1;
	funlockfile(stderr);
	text_fini(&line);
}
