/* SPDX-License-Identifier: Apache-2.0 */
/* See host_file.h. */
#include "cli/files/host_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
host_file_read(const char *path, size_t max, struct text *ret)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char buf[16384];
	size_t n;
	bool fine;

	while (f && ret->n <= max && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_add(ret, buf, n);
	fine = f && !ferror(f);
	if (!fine)
		fprintf(stderr, "testudo: %s: %s\n", path, strerror(errno));
	if (f && f != stdin)
		fclose(f);
	return fine;
}

int
host_file_write(int fd, struct span text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			text = SPAN(text.p + n, text.n - (size_t)n);
	}
	return 0;
}
