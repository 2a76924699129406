/* SPDX-License-Identifier: Apache-2.0 */
/* The process that runs FRR, whether FRR is here or not: what it is told, and what it says. */
#define _GNU_SOURCE /* memmem */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/frr/frr_outbox.h"
#include "compiler/frr/frr.h"

#define ORDERS 300
#define BIG    (1u << 20) /* octets of an order */

/*
 * Who tells it more and more without listening waits for nothing: reports that have no room on the
 * line wait in the speaker. No daemon runs in a namespace that is not there.
 */
static void
reports_do_not_block(void **state)
{
	struct frr_outbox orders = FRR_OUTBOX_INIT;
	char node[FRR_NAME_MAX], report[FRR_REPORT_MAX];
	int line = frr_speaker_start(NULL);

	(void)state;
	assert_true(line >= 0);
	for (unsigned k = 0; k < ORDERS; k++) {
		struct pollfd p = {.fd = line, .events = POLLOUT};

		assert_int_equal(frr_outbox_put(&orders, "R1", "testudo-is-not-there", FRR_OWN,
		                                FRR_DAEMON(FRR_ZEBRA), "! nothing\n"),
		                 0);
		while (frr_outbox_send(&orders, line) == -EAGAIN)
			poll(&p, 1, -1);
	}
	assert_true(frr_speaker_hear(line, node, report));
	assert_string_equal(node, "R1");
	assert_non_null(strstr(report, "FRR does not start"));
	frr_speaker_end(line);
	frr_outbox_fini(&orders);
}

/* What comes out of the other end until nothing waits. */
static void
drain_orders(struct frr_outbox *orders, const int ends[2], struct text *ret)
{
	char piece[65536];
	ssize_t n;

	do {
		while ((n = recv(ends[1], piece, sizeof(piece), MSG_DONTWAIT)) > 0)
			text_add(ret, piece, (size_t)n);
	} while (frr_outbox_send(orders, ends[0]) == -EAGAIN);
	while ((n = recv(ends[1], piece, sizeof(piece), MSG_DONTWAIT)) > 0)
		text_add(ret, piece, (size_t)n);
}

static size_t
count_text(const struct text *t, const char *what)
{
	size_t n = 0;

	for (const char *p = t->p; (p = memmem(p, t->n - (size_t)(p - t->p), what, strlen(what)));
	     p += strlen(what))
		n++;
	return n;
}

/*
 * Nobody waits for a speaker that does not listen, however much it is told; when it does, it hears
 * to its end what it had begun to hear, and then the newest of each node.
 */
static void
orders_do_not_block(void **state)
{
	struct frr_outbox orders = FRR_OUTBOX_INIT;
	struct text came = TEXT_INIT;
	char *text = x_alloc(BIG + 1);
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	for (unsigned k = 1; k <= 20; k++) {
		memset(text, '.', BIG);
		snprintf(text, BIG, "order %u", k);
		text[strlen(text)] = ' ';
		memcpy(text + BIG - 4, "end\n", 4);
		assert_int_equal(frr_outbox_put(&orders, k % 2 ? "R1" : "R2", "", FRR_OWN,
		                                FRR_DAEMON(FRR_ZEBRA), text),
		                 0);
		assert_int_equal(frr_outbox_send(&orders, ends[0]), -EAGAIN);
	}
	drain_orders(&orders, ends, &came);
	assert_int_equal(count_text(&came, "order 1 "), 1);
	assert_int_equal(count_text(&came, "order 19 "), 1);
	assert_int_equal(count_text(&came, "order 20 "), 1);
	assert_int_equal(count_text(&came, "order "), 3);
	assert_int_equal(count_text(&came, "end\n"), 3);
	close(ends[1]);
	assert_int_equal(frr_outbox_put(&orders, "R1", "", FRR_OWN, 0, ""), 0);
	assert_int_equal(frr_outbox_send(&orders, ends[0]), -EPIPE);
	close(ends[0]);
	frr_outbox_fini(&orders);
	text_fini(&came);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reports_do_not_block),
	                                   cmocka_unit_test(orders_do_not_block)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
