/* SPDX-License-Identifier: Apache-2.0 */
/* See tree_clock.h. */
#include "compiler/tree/tree_clock.h"

#include <stdio.h>
#include <string.h>

#define SUMMER_SHIFT 60 /* minutes, without `offset` */

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const weeks[] = {"", "first", "", "", "", "last"};

static unsigned
find_word(const char *const *words, size_t n, const char *word)
{
	for (unsigned i = 0; word && i < n; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0;
}

unsigned
tree_clock_month(const char *word)
{
	return find_word(months, ARRAY_SIZE(months), word);
}

static void
read_week(const struct tnode *n, enum gram_arg week, enum gram_arg day, struct clock_change *c)
{
	c->week = tnode_u32(n, week) ? tnode_u32(n, week)
	                             : find_word(weeks, ARRAY_SIZE(weeks), tnode_str(n, week));
	c->weekday = find_word(weekdays, ARRAY_SIZE(weekdays), tnode_str(n, day));
}

static void
read_summer(const struct tnode *n, struct clock_zone *z)
{
	z->summer = true;
	snprintf(z->summer_name, sizeof(z->summer_name), "%s", tnode_str(n, ARG_ZONE));
	z->shift = tnode_has(n, ARG_OFFSET) ? (int)tnode_u32(n, ARG_OFFSET) : SUMMER_SHIFT;
	if (!tnode_has(n, ARG_MONTH)) { /* as in the United States */
		z->begin = (struct clock_change){.week = 2, .month = 2, .minute = 120};
		z->end = (struct clock_change){.week = 1, .month = 10, .minute = 120};
		return;
	}
	z->begin = (struct clock_change){.month = tree_clock_month(tnode_str(n, ARG_MONTH)),
	                                 .day = tnode_u32(n, ARG_DATE),
	                                 .year = tnode_u32(n, ARG_YEAR),
	                                 .minute = tnode_u32(n, ARG_TIME)};
	z->end = (struct clock_change){.month = tree_clock_month(tnode_str(n, ARG_END_MONTH)),
	                               .day = tnode_u32(n, ARG_END_DATE),
	                               .year = tnode_u32(n, ARG_END_YEAR),
	                               .minute = tnode_u32(n, ARG_END_TIME)};
	if (tnode_has(n, ARG_WEEK)) {
		read_week(n, ARG_WEEK, ARG_WEEKDAY, &z->begin);
		read_week(n, ARG_END_WEEK, ARG_END_WEEKDAY, &z->end);
	}
}

void
tree_clock_zone(const struct tree *t, struct clock_zone *ret)
{
	const struct tnode *n = tnode_first(tree_top(t), KEY_CLOCK_TIMEZONE);

	*ret = clock_utc;
	if (n) {
		int hours = (int)tnode_u32(n, ARG_HOURS);
		int minutes = hours * 60;

		minutes += (hours < 0 ? -1 : 1) * (int)tnode_u32(n, ARG_MINUTES);
		snprintf(ret->name, sizeof(ret->name), "%s", tnode_str(n, ARG_ZONE));
		ret->offset = minutes;
	}
	if ((n = tnode_first(tree_top(t), KEY_CLOCK_SUMMER_TIME)))
		read_summer(n, ret);
}
