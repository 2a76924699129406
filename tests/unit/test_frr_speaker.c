/* SPDX-License-Identifier: Apache-2.0 */
/* The process that runs FRR, whether FRR is here or not: what it is told, and what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/frr/frr_speaker.h"
#include "compiler/frr/frr.h"

#define ORDERS 300

/*
 * Who tells it more and more without listening waits for nothing: reports that have no room on the
 * line wait in the speaker. No daemon runs in a namespace that is not there.
 */
static void
reports_do_not_block(void **state)
{
	char node[FRR_NAME_MAX], report[FRR_REPORT_MAX];
	int line = frr_speaker_start(NULL);

	(void)state;
	assert_true(line >= 0);
	for (unsigned k = 0; k < ORDERS; k++)
		assert_int_equal(frr_speaker_tell(line, "R1", "testudo-is-not-there", FRR_OWN,
		                                  FRR_DAEMON(FRR_ZEBRA), "! nothing\n"),
		                 0);
	assert_true(frr_speaker_hear(line, node, report));
	assert_string_equal(node, "R1");
	assert_non_null(strstr(report, "FRR does not start"));
	frr_speaker_end(line);
}

/* Of who has no FRR there is no answer, and nobody waits for one; the next order is heard. */
static void
nobody_answers(void **state)
{
	char node[FRR_NAME_MAX], report[FRR_REPORT_MAX];
	int line = frr_speaker_start(NULL);
	struct text t = TEXT_INIT;

	(void)state;
	assert_true(line >= 0);
	assert_false(frr_speaker_ask(line, "R1", FRR_ASK_ROUTES, &t));
	assert_int_equal(t.n, 0);
	assert_int_equal(frr_speaker_tell(line, "R1", "testudo-is-not-there", FRR_OWN,
	                                  FRR_DAEMON(FRR_ZEBRA), "! nothing\n"),
	                 0);
	assert_true(frr_speaker_hear(line, node, report));
	frr_speaker_end(line);
	assert_false(frr_speaker_ask(-1, "R1", FRR_ASK_ROUTES, &t));
	text_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reports_do_not_block),
	                                   cmocka_unit_test(nobody_answers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
