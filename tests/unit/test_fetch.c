/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by HTTP from a real server (http_server.py): what comes, and what is refused, too long, too
 * far or of another kind; and a host that is closed while a request is under way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/linux/linux_priv.h"

static pid_t server;
static int server_port;

static int
start_server(void **state)
{
	int ends[2];
	FILE *out;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	server = fork();
	assert_true(server >= 0);
	if (!server) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody stops it when the test is killed */
		execlp("python3", "python3", TESTUDO_SOURCE "/tests/unit/http_server.py",
		       (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	out = fdopen(ends[0], "r");
	assert_non_null(out);
	if (fscanf(out, "%d", &server_port) != 1) {
		puts("skipped: needs python3");
		exit(77);
	}
	fclose(out);
	return 0;
}

static int
stop_server(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return 0;
}

struct answer {
	unsigned calls;
	char bytes[64], why[256];
	uv_loop_t *loop;
};

static void
on_done(void *arg, struct span bytes, const char *why)
{
	struct answer *a = arg;

	a->calls++;
	snprintf(a->why, sizeof(a->why), "%s", why ? why : "");
	if (!why)
		snprintf(a->bytes, sizeof(a->bytes), "%.*s", (int)bytes.n, (const char *)bytes.p);
	uv_stop(a->loop);
}

/* A host that can do nothing but fetch. */
static struct linux_host *
make_host(uv_loop_t *loop)
{
	struct linux_host *h = x_alloc(sizeof(*h));

	h->loop = loop;
	h->netns = -1;
	h->name = x_strdup("R1");
	uv_timer_init(loop, &h->timer);
	linux_handle(h, (uv_handle_t *)&h->timer);
	return h;
}

static void
on_gone(uv_handle_t *handle)
{
	linux_handle_closed(handle->data);
}

static void
close_host(struct linux_host *h)
{
	uv_loop_t *loop = h->loop;

	linux_fetch_close(h);
	if (h->curl_timer.data)
		uv_close((uv_handle_t *)&h->curl_timer, on_gone);
	uv_close((uv_handle_t *)&h->timer, on_gone);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(loop), 0);
}

static int
begin_fetch(struct linux_host *h, const char *path, struct answer *a)
{
	char url[128];
	const struct fetch_request r = {.url = url, .size_max = 1000, .done = on_done, .arg = a};

	*a = (struct answer){.loop = h->loop};
	if (path[0] == '/')
		snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server_port, path);
	else
		snprintf(url, sizeof(url), "%s", path);
	return linux_fetch_start(h, &r);
}

static void
test_fetch(void **state)
{
	static const struct {
		const char *path, *bytes, *why; /* why: a part of it; "": it comes */
	} cases[] = {
	    {"/list", "0123456789", ""},
	    {"/moved", "0123456789", ""},
	    {"/announced", "", "too long"},
	    {"/endless", "", "too long"},
	    {"/circle", "", "redirects"},
	    {"/file", "", "rotocol"},
	    {"/https", "", "rotocol"},
	    {"/none", "", "404"},
	    {"file:///etc/passwd", "", "rotocol"},
	    {"https://127.0.0.1/", "", "rotocol"},
	    {"http://127.0.0.1:1/", "", "onnect"},
	};
	uv_loop_t loop;
	struct linux_host *h;
	struct answer a;

	(void)state;
	uv_loop_init(&loop);
	h = make_host(&loop);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(begin_fetch(h, cases[i].path, &a), 0);
		assert_int_equal(a.calls, 0);
		while (!a.calls)
			uv_run(&loop, UV_RUN_DEFAULT);
		assert_int_equal(a.calls, 1);
		assert_string_equal(a.bytes, cases[i].bytes);
		if (!strstr(a.why, cases[i].why) || !a.why[0] != !cases[i].why[0])
			fail_msg("%s: %s", cases[i].path, a.why);
	}
	close_host(h);
}

/* Nobody is told, and nothing is left, when the host goes while requests are under way. */
static void
test_close(void **state)
{
	struct answer a[9];
	uv_loop_t loop;
	struct linux_host *h;

	(void)state;
	uv_loop_init(&loop);
	h = make_host(&loop);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(begin_fetch(h, "/silent", &a[i]), 0);
	assert_int_equal(begin_fetch(h, "/silent", &a[8]), -EBUSY);
	uv_run(&loop, UV_RUN_ONCE);
	close_host(h);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(a[i].calls, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fetch),
	    cmocka_unit_test(test_close),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
