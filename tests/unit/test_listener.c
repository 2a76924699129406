/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets: what they do when there is no descriptor left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/term/listener.h"

#define CLIENTS 5
#define FILES   64

struct world {
	uv_loop_t loop;
	uv_timer_t timer;
	struct listener *listener;
	unsigned accepted;
	int clients[CLIENTS];
};

static void
take_client(void *arg, int fd, const struct sockaddr_storage *peer)
{
	struct world *w = arg;

	assert_int_equal(peer->ss_family, AF_INET);
	w->accepted++;
	close(fd);
}

static void
stop_loop(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

/* The loop's turns in that many milliseconds. */
static unsigned
turn_loop(struct world *w, uint64_t ms)
{
	unsigned turns = 0;

	uv_timer_start(&w->timer, stop_loop, ms, 0);
	while (uv_is_active((uv_handle_t *)&w->timer)) {
		uv_run(&w->loop, UV_RUN_ONCE);
		turns++;
	}
	return turns;
}

static void
connect_clients(struct world *w)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	                         .sin_port = htons(listener_port(w->listener))};

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (unsigned i = 0; i < CLIENTS; i++) {
		w->clients[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(w->clients[i], (struct sockaddr *)&to, sizeof(to)), 0);
	}
}

static void
clients_wait_for_descriptors(void **state)
{
	const struct rlimit few = {FILES, FILES};
	struct world w = {0};
	int used[FILES], n = 0;

	(void)state;
	assert_int_equal(uv_loop_init(&w.loop), 0);
	uv_timer_init(&w.loop, &w.timer);
	assert_int_equal(
	    listener_open_tcp(&w.loop, listener_bind("127.0.0.1", 0), take_client, &w, &w.listener),
	    0);
	connect_clients(&w);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while ((used[n] = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	/* A turn each time that it asks again, and not one more for what it cannot accept. */
	assert_true(turn_loop(&w, 450) < 15);
	assert_int_equal(w.accepted, 0);
	while (n)
		close(used[--n]);
	while (w.accepted < CLIENTS)
		uv_run(&w.loop, UV_RUN_ONCE);
	for (unsigned i = 0; i < CLIENTS; i++)
		close(w.clients[i]);
	listener_close(w.listener);
	uv_close((uv_handle_t *)&w.timer, NULL);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void
places_that_are_none(void **state)
{
	struct world w = {0}, other = {0};

	(void)state;
	assert_int_equal(uv_loop_init(&w.loop), 0);
	assert_int_equal(
	    listener_open_tcp(&w.loop, listener_bind("nowhere", 0), take_client, &w, &w.listener),
	    UV_EINVAL);
	assert_int_equal(
	    listener_open_tcp(&w.loop, listener_bind("127.0.0.1", 0), take_client, &w, &w.listener),
	    0);
	assert_int_equal(listener_open_tcp(&w.loop,
	                                   listener_bind("127.0.0.1", listener_port(w.listener)),
	                                   take_client, &other, &other.listener),
	                 UV_EADDRINUSE);
	assert_null(other.listener);
	listener_close(w.listener);
	listener_close(NULL);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w.loop), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clients_wait_for_descriptors),
	    cmocka_unit_test(places_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
