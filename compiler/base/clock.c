/* SPDX-License-Identifier: Apache-2.0 */
/* The wall clock in words: see clock.h. */
#include "compiler/base/clock.h"

#include <stdio.h>
#include <time.h>

static const char *
write_clock(int64_t wall, const char *fraction, char buf[static CLOCK_TEXT_MAX])
{
	char clock[16], date[16];
	time_t s = (time_t)(wall / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	strftime(date, sizeof(date), "%a %b", &tm);
	snprintf(buf, CLOCK_TEXT_MAX, "%s%s UTC %s %d %d", clock, fraction, date, tm.tm_mday,
	         tm.tm_year + 1900);
	return buf;
}

const char *
clock_text(int64_t wall, char buf[static CLOCK_TEXT_MAX])
{
	char fraction[8];

	snprintf(fraction, sizeof(fraction), ".%03d", (int)(wall % 1000));
	return write_clock(wall, fraction, buf);
}

const char *
clock_text_seconds(int64_t wall, char buf[static CLOCK_TEXT_MAX])
{
	return write_clock(wall, "", buf);
}
