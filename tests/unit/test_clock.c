/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones and summer time: each half hour of some years beside what the C library says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/clock.h"
#include "compiler/grammar/command.h"
#include "compiler/tree/tree_clock.h"

#define HOUR 3600

/* 2023-12-31 00:00 UTC, and some hours more than three years. */
enum { BEGIN = 1703980800, HOURS = 3 * 366 * 24 };

static const struct {
	const char *lines[2];
	const char *tz; /* POSIX */
} zones[] = {
    {{"clock timezone CET 1",
      "clock summer-time CEST recurring last Sun Mar 2:00 last Sun Oct 3:00"},
     "CET-1CEST,M3.5.0,M10.5.0/3"},
    {{"clock timezone EST -5", "clock summer-time EDT recurring"}, "EST5EDT,M3.2.0,M11.1.0"},
    {{"clock timezone NST -3 30",
      "clock summer-time NDT recurring 2 Sun Mar 2:00 first Sun Nov 2:00"},
     "NST3:30NDT,M3.2.0,M11.1.0"},
    {{"clock timezone AEST 10",
      "clock summer-time AEDT recurring first Sun Oct 2:00 1 Sun Apr 3:00"},
     "AEST-10AEDT,M10.1.0,M4.1.0/3"},
    {{"clock timezone LHST 10 30",
      "clock summer-time LHDT recurring 1 Sun Oct 2:00 1 Sun Apr 2:00 30"},
     "LHST-10:30LHDT-11,M10.1.0,M4.1.0"},
    {{"clock timezone XST 0", "clock summer-time XDT recurring 4 Wed Feb 0:00 3 Sat Sep 23:59"},
     "XST0XDT,M2.4.3/0,M9.3.6/23:59"},
    {{"clock timezone IST 5 30", NULL}, "IST-5:30"},
    {{NULL, NULL}, "UTC0"},
};

static void
take_line(struct tree *t, const char *line)
{
	struct tnode *context = tree_root(t);
	struct arena *a = arena_new();
	struct command cmd;
	size_t column;

	assert_int_equal(command_parse(MODE_CONFIG, line, a, &cmd, &column), PARSE_OK);
	tree_apply(t, &context, &cmd, 0);
	arena_free(a);
}

static void
read_zone(size_t i, struct clock_zone *ret)
{
	struct tree *t = tree_new();

	for (size_t k = 0; k < ARRAY_SIZE(zones[i].lines); k++)
		if (zones[i].lines[k])
			take_line(t, zones[i].lines[k]);
	tree_clock_zone(t, ret);
	tree_free(t);
	assert_int_equal(setenv("TZ", zones[i].tz, 1), 0);
	tzset();
}

static void
test_zones(void **state)
{
	struct clock_zone zone;
	struct clock_time is;
	struct tm must;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		read_zone(i, &zone);
		for (time_t s = BEGIN; s < BEGIN + (time_t)HOURS * HOUR; s += HOUR / 2) {
			clock_local(&zone, s * 1000, &is);
			localtime_r(&s, &must);
			if (is.tm.tm_hour != must.tm_hour || is.tm.tm_mday != must.tm_mday ||
			    is.tm.tm_min != must.tm_min || strcmp(is.zone, must.tm_zone) != 0)
				fail_msg("%s at %lld: %02d:%02d %s, not %02d:%02d %s", zones[i].tz,
				         (long long)s, is.tm.tm_hour, is.tm.tm_min, is.zone,
				         must.tm_hour, must.tm_min, must.tm_zone);
		}
	}
}

/* What a zone's clocks show is that moment again, but for the hour that they show twice. */
static void
test_back(void **state)
{
	struct clock_zone zone;
	struct clock_time t;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		read_zone(i, &zone);
		for (int64_t s = BEGIN; s < BEGIN + (int64_t)HOURS * HOUR; s += HOUR / 2) {
			int64_t off;

			clock_local(&zone, s * 1000, &t);
			off = clock_wall(&zone, &t.tm) / 1000 - s;
			assert_true(off == 0 || off == zone.shift * 60 || off == -zone.shift * 60);
			clock_local(&zone, (s + off) * 1000, &t);
			assert_int_equal(clock_wall(&zone, &t.tm), (s + off) * 1000);
		}
	}
}

/* On dates of one year only. */
static void
test_dates(void **state)
{
	struct tree *t = tree_new();
	char buf[CLOCK_TEXT_MAX];
	struct clock_zone zone;

	(void)state;
	take_line(t, "clock timezone CET 1");
	take_line(t, "clock summer-time CEST date 30 Mar 2025 2:00 Oct 26 2025 3:00");
	tree_clock_zone(t, &zone);
	tree_free(t);
	assert_string_equal(clock_text_seconds(&zone, INT64_C(1743296399000), buf),
	                    "01:59:59 CET Sun Mar 30 2025");
	assert_string_equal(clock_text_seconds(&zone, INT64_C(1743296400000), buf),
	                    "03:00:00 CEST Sun Mar 30 2025");
	assert_string_equal(clock_text_short(&zone, INT64_C(1761440399000), buf),
	                    "02:59:59 CEST Oct 26 2025");
	assert_string_equal(clock_text_short(&zone, INT64_C(1761440400000), buf),
	                    "02:00:00 CET Oct 26 2025");
	assert_string_equal(clock_text(&zone, INT64_C(1782864000007), buf),
	                    "01:00:00.007 CET Wed Jul 1 2026");
}

static void
test_days(void **state)
{
	(void)state;
	assert_true(clock_is_day(2024, 1, 29));
	assert_false(clock_is_day(2025, 1, 29));
	assert_false(clock_is_day(2025, 3, 31));
	assert_false(clock_is_day(2025, 0, 0));
	assert_false(clock_is_day(2025, 12, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_zones), cmocka_unit_test(test_back), cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_days)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
