/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The count of what a walk over the grammar has checked and found wrong. A walk goes on after a
 * failure, so that all of them are seen at once. Test programs include it once, behind cmocka.h.
 */
#ifndef TESTUDO_TESTS_WALK_TALLY_H
#define TESTUDO_TESTS_WALK_TALLY_H

#define FAILURES_SHOWN 40

static unsigned checks, failures;

static inline void
start_walk(void)
{
	checks = failures = 0;
}

/* Fails the test when a line was wrong, or when no more than `least` were checked. */
static inline void
finish_walk(unsigned least)
{
	if (failures)
		fail_msg("%u of %u lines", failures, checks);
	assert_true(checks > least);
}

#endif
