/* SPDX-License-Identifier: Apache-2.0 */
/* See usage.h. */
#include "cli/tools/usage.h"

#include <stdarg.h>
#include <stdio.h>

int
usage_error(const char *help, const char *format, ...)
{
	va_list ap;

	fputs("testudo: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	return usage_next(help);
}

int
usage_next(const char *command)
{
	fprintf(stderr, "Try: %s\n", command);
	return EXIT_USAGE;
}
