/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wall clock as IOS writes it, in the time zone that is configured (`clock timezone`, `clock
 * summer-time`; compiler/tree/tree_clock.h reads them).
 */
#ifndef TESTUDO_CLOCK_H
#define TESTUDO_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_ZONE_MAX 7 /* letters of a zone's name */

/* When summer time begins or ends, in the local time of that moment. */
struct clock_change {
	unsigned week;    /* 1..4, 5: the last; 0: on a date, which has a day and a year */
	unsigned weekday; /* 0: Sunday */
	unsigned month;   /* 0: January */
	unsigned day, year;
	unsigned minute; /* of the day */
};

struct clock_zone {
	char name[CLOCK_ZONE_MAX + 1];
	int offset; /* minutes east of UTC */
	bool summer;
	char summer_name[CLOCK_ZONE_MAX + 1];
	int shift; /* minutes that summer time adds */
	struct clock_change begin, end;
};

extern const struct clock_zone clock_utc;

/* A moment as the zone's clocks show it. */
struct clock_time {
	struct tm tm;
	unsigned milli;
	int offset;       /* minutes east of UTC */
	const char *zone; /* lent by the zone */
};

/* wall: milliseconds since 1970 UTC. */
void clock_local(const struct clock_zone *z, int64_t wall, struct clock_time *ret);
/* The moment at which the zone's clocks show this (tm_year to tm_sec): milliseconds since 1970. */
int64_t clock_wall(const struct clock_zone *z, const struct tm *tm);
/* Is there such a day? month: 0 to 11. */
bool clock_is_day(unsigned year, unsigned month, unsigned day);

/*
 * When summer time begins and ends in the year of a moment: milliseconds since 1970. False: it
 * never does.
 */
bool clock_summer(const struct clock_zone *z, int64_t wall, int64_t *ret_begin, int64_t *ret_end);

/* "20:00:01.123 UTC Mon Nov 23 2026". Returns buf. */
#define CLOCK_TEXT_MAX 80
const char *clock_text(const struct clock_zone *z, int64_t wall, char buf[static CLOCK_TEXT_MAX]);
/* "20:00:01 UTC Mon Nov 23 2026" */
const char *clock_text_seconds(const struct clock_zone *z, int64_t wall,
                               char buf[static CLOCK_TEXT_MAX]);
/* "20:00:01 UTC Nov 23 2026" */
const char *clock_text_short(const struct clock_zone *z, int64_t wall,
                             char buf[static CLOCK_TEXT_MAX]);

#endif
