/* SPDX-License-Identifier: Apache-2.0 */
/* The store of SQLite between processes: none loses what another one wrote, or hears too late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

#include "tests/unit/store_child.h"

static int
count_together(struct kind *k, int fd)
{
	struct store *s;
	int error;

	(void)fd;
	if (kind_open(k, 1, &s))
		return 1;
	for (int i = 0; i < 25;) {
		struct store_write w = {.name = "n"};
		struct store_check c = {.name = "n"};
		char value[16];
		struct store_txn txn = {.n_checks = 1, .checks = &c, .n_writes = 1, .writes = &w};
		unsigned number = 0;

		if (s->ops->read(s, "n", take_number, &number, &c.revision))
			return 2;
		snprintf(value, sizeof(value), "%u", number + 1);
		w.value = TEXT_SPAN(value);
		if (!number)
			c.revision = 0; /* else: the only record, so its revision is the store's */
		error = s->ops->commit(s, &txn, NULL);
		if (error && error != -EAGAIN && error != -EBUSY)
			return 3;
		i += !error;
	}
	store_close(s);
	return 0;
}

/* Four processes begin with no file, and no increment is lost. */
static void
many_processes(void **state)
{
	struct kind kinds[] = {{.name = "file", .file = true},
	                       {.name = "shared file", .file = true, .shared = true}};

	(void)state;
	for (size_t j = 0; j < ARRAY_SIZE(kinds); j++) {
		struct kind *k = &kinds[j];
		pid_t pids[4];

		kind_start(k);
		store_close(k->s);
		remove_files(k);
		for (int i = 0; i < 4; i++)
			pids[i] = start_child(count_together, k, -1);
		for (int i = 0; i < 4; i++)
			assert_int_equal(end_child(pids[i]), 0);
		assert_int_equal(kind_open(k, 1, &k->s), 0);
		assert_int_equal(number_in(k->s, "n"), 100);
		kind_end(k);
	}
}

/* Says when it leads, and keeps its lease until it dies. */
static int
lead_until_killed(struct kind *k, int fd)
{
	struct store *s;
	uint64_t lease;

	if (kind_open(k, 1, &s))
		return 1;
	do { /* on a busy machine a lease may end before it is used */
		if (s->ops->lease_begin(s, 1000, &lease))
			return 2;
	} while (put_under(s, "leader", "child", lease) == -ENOENT);
	if (write(fd, "", 1) != 1)
		return 3;
	while (!s->ops->lease_keep(s, lease))
		usleep(100000);
	return 4;
}

/*
 * Of two processes one waits for the other's word, cannot take its place while it lives, and hears
 * of its death when its lease ends: then the place is free.
 */
static void
leader_that_dies(void **state)
{
	struct kind k = {.name = "shared file", .file = true, .shared = true, .sealed = true};
	uint64_t since;
	int fds[2];
	char led;
	pid_t pid;

	(void)state;
	kind_start(&k);
	since = revision_of(k.s);
	assert_int_equal(pipe(fds), 0);
	pid = start_child(lead_until_killed, &k, fds[1]);
	close(fds[1]);
	assert_changed(k.s, "leader", since, 60000, "leader=child ");
	assert_int_equal(read(fds[0], &led, 1), 1);
	assert_int_equal(put_checked(k.s, "leader", 0, "parent"), -EAGAIN);
	since = revision_of(k.s);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(end_child(pid), -SIGKILL);
	assert_changed(k.s, "leader", since, 60000, "leader- ");
	assert_int_equal(put_checked(k.s, "leader", 0, "parent"), 0);
	close(fds[0]);
	kind_end(&k);
}

/* Waits before it removes what stands beside a file, as who is interrupted there does. */
static bool slow_to_remove;

int
unlink(const char *path)
{
	const size_t n = strlen(path);

	if (slow_to_remove && n > 4 && !strcmp(path + n - 4, "-wal"))
		usleep(300000);
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

static int
lead_once(struct kind *k, int slow)
{
	struct store *s;
	int error;

	slow_to_remove = slow;
	if (!slow)
		usleep(100000);
	if (kind_open(k, 1, &s))
		return 2;
	error = put_checked(s, "leader", 0, slow ? "slow" : "quick");
	usleep(500000); /* closing tidies up */
	store_close(s);
	return error == -EAGAIN ? 1 : error ? 3 : 0;
}

/* The file alone was removed: of two that make it anew none takes away what the other writes. */
static void
made_anew_by_two(void **state)
{
	struct kind k = {.name = "shared file", .file = true, .shared = true};
	pid_t slow, quick;

	(void)state;
	kind_start(&k);
	assert_int_equal(put_text(k.s, "old", "1"), 0);
	kind_remove(&k, "");
	slow = start_child(lead_once, &k, 1);
	quick = start_child(lead_once, &k, 0);
	assert_int_equal(end_child(slow) + end_child(quick), 1);
	kind_end(&k);
}

/* Another process removes the file and makes another: what the first one opened is noticed. */
static int
make_another(struct kind *k, int fd)
{
	struct store *s;

	(void)fd;
	if (unlink(k->path) || kind_open(k, 1, &s))
		return 1;
	if (put_text(s, "n", "new"))
		return 2;
	store_close(s);
	return 0;
}

static void
removed_under_one(void **state)
{
	struct kind k = {.name = "shared file", .file = true, .shared = true};
	struct text t = TEXT_INIT;
	uint64_t since;

	(void)state;
	kind_start(&k);
	assert_int_equal(put_text(k.s, "n", "old"), 0);
	since = revision_of(k.s);
	assert_true(store_sqlite_stands(k.s));
	assert_int_equal(end_child(start_child(make_another, &k, -1)), 0);
	assert_false(store_sqlite_stands(k.s));
	store_close(k.s); /* and leaves what stands beside the new one alone */
	assert_int_equal(kind_open(&k, 1, &k.s), 0);
	assert_holds(k.s, "", "n=new ");
	assert_int_equal(k.s->ops->changes(k.s, "", since, 0, add_record, &t, NULL), -ESTALE);
	text_fini(&t);
	kind_end(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_processes),
	    cmocka_unit_test(leader_that_dies),
	    cmocka_unit_test(made_anew_by_two),
	    cmocka_unit_test(removed_under_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
