/* SPDX-License-Identifier: Apache-2.0 */
/* Other processes that have the same store open. After cmocka.h. */
#ifndef TESTUDO_STORE_CHILD_H
#define TESTUDO_STORE_CHILD_H

#include <sys/wait.h>

#include "tests/unit/store_kinds.h"

/* A child that ends with what the function returns; its assertions are ifs. */
static inline pid_t
start_child(int (*run)(struct kind *, int), struct kind *k, int fd)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(run(k, fd));
	return pid;
}

static inline int
end_child(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline bool
take_number(void *arg, const struct store_record *r)
{
	char text[16] = "";

	if (r->value.n < sizeof(text))
		memcpy(text, r->value.p, r->value.n);
	*(unsigned *)arg = (unsigned)strtoul(text, NULL, 10);
	return false;
}

static inline unsigned
number_in(struct store *s, const char *name)
{
	unsigned number = 0;

	assert_int_equal(s->ops->read(s, name, take_number, &number, NULL), 0);
	return number;
}

static inline void
remove_files(struct kind *k)
{
	kind_remove(k, "");
	kind_remove(k, "-wal");
	kind_remove(k, "-shm");
}

#endif
