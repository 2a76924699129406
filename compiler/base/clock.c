/* SPDX-License-Identifier: Apache-2.0 */
/* The wall clock in words: see clock.h. */
#include "compiler/base/clock.h"

#include <stdio.h>

#define LAST_WEEK 5

enum { MINUTE = 60, DAY = 24 * 60 * MINUTE };

const struct clock_zone clock_utc = {.name = "UTC"};

/* --- summer time ------------------------------------------------------------------------------ */

static bool
is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned
days_in(unsigned year, unsigned month)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month] + (month == 1 && is_leap(year));
}

bool
clock_is_day(unsigned year, unsigned month, unsigned day)
{
	return month < 12 && day >= 1 && day <= days_in(year, month);
}

/* Seconds since 1970 at midnight, as if the zone were UTC. */
static int64_t
midnight_of(unsigned year, unsigned month, unsigned day)
{
	struct tm tm = {.tm_year = (int)year - 1900, .tm_mon = (int)month, .tm_mday = (int)day};

	return timegm(&tm);
}

/* The change of a year; seconds since 1970, as if the zone were UTC. */
static int64_t
change_in(const struct clock_change *c, unsigned year)
{
	unsigned day = c->day;

	if (c->week) {
		int64_t days = midnight_of(year, c->month, 1) / DAY;
		unsigned first = (unsigned)((days % 7 + 7 + 4) % 7); /* 1970 began on a Thursday */

		day = 1 + (c->weekday + 7 - first) % 7 + 7 * (c->week - 1);
		if (c->week == LAST_WEEK && day > days_in(year, c->month))
			day -= 7;
	} else {
		year = c->year;
	}
	return midnight_of(year, c->month, day) + (int64_t)c->minute * MINUTE;
}

/* s: seconds since 1970 UTC. */
static bool
is_summer(const struct clock_zone *z, int64_t s)
{
	time_t local = (time_t)(s + (int64_t)z->offset * MINUTE);
	int64_t begin, end;
	struct tm tm;

	if (!z->summer)
		return false;
	gmtime_r(&local, &tm);
	begin = change_in(&z->begin, (unsigned)tm.tm_year + 1900);
	end = change_in(&z->end, (unsigned)tm.tm_year + 1900) - (int64_t)z->shift * MINUTE;
	if (begin <= end)
		return local >= begin && local < end;
	return local >= begin || local < end; /* the southern half of the world */
}

bool
clock_summer(const struct clock_zone *z, int64_t wall, int64_t *ret_begin, int64_t *ret_end)
{
	struct clock_time t;
	unsigned year;

	if (!z->summer)
		return false;
	clock_local(z, wall, &t);
	year = (unsigned)t.tm.tm_year + 1900;
	*ret_begin = (change_in(&z->begin, year) - (int64_t)z->offset * MINUTE) * 1000;
	*ret_end = (change_in(&z->end, year) - (int64_t)(z->offset + z->shift) * MINUTE) * 1000;
	return true;
}

void
clock_local(const struct clock_zone *z, int64_t wall, struct clock_time *ret)
{
	int64_t s = wall / 1000 - (wall % 1000 < 0);
	bool summer = is_summer(z, s);
	time_t local;

	ret->milli = (unsigned)(wall - s * 1000);
	ret->offset = z->offset + (summer ? z->shift : 0);
	ret->zone = summer ? z->summer_name : z->name;
	local = (time_t)(s + (int64_t)ret->offset * MINUTE);
	gmtime_r(&local, &ret->tm);
}

int64_t
clock_wall(const struct clock_zone *z, const struct tm *tm)
{
	struct tm copy = *tm;
	int64_t s = (int64_t)timegm(&copy) - (int64_t)z->offset * MINUTE;

	if (is_summer(z, s - (int64_t)z->shift * MINUTE))
		s -= (int64_t)z->shift * MINUTE;
	return s * 1000;
}

/* --- text ------------------------------------------------------------------------------------- */

/* milli: with the milliseconds; date: of strftime. */
static const char *
write_clock(const struct clock_zone *z, int64_t wall, bool milli, const char *date,
            char buf[static CLOCK_TEXT_MAX])
{
	char clock[16], day[16], parts[8] = "";
	struct clock_time t;

	clock_local(z, wall, &t);
	strftime(clock, sizeof(clock), "%H:%M:%S", &t.tm);
	strftime(day, sizeof(day), date, &t.tm);
	if (milli)
		snprintf(parts, sizeof(parts), ".%03u", t.milli);
	snprintf(buf, CLOCK_TEXT_MAX, "%s%s %s %s %d %d", clock, parts, t.zone, day, t.tm.tm_mday,
	         t.tm.tm_year + 1900);
	return buf;
}

const char *
clock_text(const struct clock_zone *z, int64_t wall, char buf[static CLOCK_TEXT_MAX])
{
	return write_clock(z, wall, true, "%a %b", buf);
}

const char *
clock_text_seconds(const struct clock_zone *z, int64_t wall, char buf[static CLOCK_TEXT_MAX])
{
	return write_clock(z, wall, false, "%a %b", buf);
}

const char *
clock_text_short(const struct clock_zone *z, int64_t wall, char buf[static CLOCK_TEXT_MAX])
{
	return write_clock(z, wall, false, "%b", buf);
}
