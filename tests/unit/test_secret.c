/* SPDX-License-Identifier: Apache-2.0 */
/* Where key material lives (runtime/crypto/secret_pool.h), and where it must not be found. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/secret.h"
#include "runtime/crypto/secret_pool.h"

#define KEY 32

/* The value of "NAME:  N kB" in a file of /proc. */
static unsigned long
status_kb(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long n = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			n = strtoul(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return n;
}

/* --- the pool --------------------------------------------------------------------------------- */

static void
test_sizes(void **state)
{
	static const size_t sizes[] = {0,   1,   15,  16,   17,   31,   32,   33,   100,   511,
	                               512, 513, 700, 1024, 1025, 4096, 8192, 8193, 20000, 65536};
	uint8_t *p[ARRAY_SIZE(sizes)];

	(void)state;
	/* Twice: the second time from what was given back. */
	for (int turn = 0; turn < 2; turn++) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			p[i] = secret_pool_take(sizes[i]);
			assert_int_equal((uintptr_t)p[i] % 16, 0);
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(p[i][k], 0);
			memset(p[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(p[i][k], i + 1);
			secret_pool_give(p[i], sizes[i]);
		}
	}
}

/* With a sanitizer mlock answers with success and does nothing. */
static bool
can_lock(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return false;
#else
	return !secret_pool_unlocked();
#endif
}

/* What comes back is given out again, and many keys share a page. */
static void
test_many(void **state)
{
	enum { KEYS = 100000 };
	void **keys = x_alloc(KEYS * sizeof(*keys)), *again;
	unsigned long before = status_kb("VmLck:"), locked;

	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		keys[i] = secret_pool_take(KEY);
	locked = status_kb("VmLck:") - before;
	assert_true(locked < 4096);
	if (can_lock())
		assert_true(locked >= KEYS * KEY / 1024 - 64);
	for (size_t i = 0; i < KEYS; i++)
		secret_pool_give(keys[i], KEY);
	again = secret_pool_take(KEY);
	assert_ptr_equal(again, keys[KEYS - 1]);
	secret_pool_give(again, KEY);
	free(keys);
}

/* The flags that the kernel has for the memory at p (/proc/self/smaps, "VmFlags:"). */
static void
read_flags(const void *p, char *ret, size_t size)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long from, to;
	char line[512];
	bool there = false;

	*ret = '\0';
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			there = from <= (uintptr_t)p && (uintptr_t)p < to;
		else if (there && !strncmp(line, "VmFlags:", 8))
			snprintf(ret, size, "%s", line + 8);
	}
	fclose(f);
}

static void
test_flags(void **state)
{
	static const size_t sizes[] = {KEY, 20000};
	char flags[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p = secret_pool_take(sizes[i]);

		read_flags(p, flags, sizeof(flags));
		assert_non_null(strstr(flags, " dd")); /* in no core dump */
		assert_non_null(strstr(flags, " wf")); /* empty in a child */
		if (can_lock())
			assert_non_null(strstr(flags, " lo")); /* never on a swap device */
		secret_pool_give(p, sizes[i]);
	}
}

static int
child_status(pid_t pid)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
test_child(void **state)
{
	uint8_t *p = secret_pool_take(KEY);
	pid_t pid;

	(void)state;
	memset(p, 7, KEY);
	pid = fork();
	if (!pid)
		_exit(p[0] || p[KEY - 1]);
	assert_int_equal(child_status(pid), 0);
	assert_int_equal(p[0], 7);
	secret_pool_give(p, KEY);
}

/* What may not be locked is used all the same, and told. */
static void
test_too_small(void **state)
{
	pid_t pid = can_lock() ? fork() : -1;

	(void)state;
	if (pid < 0)
		skip();
	if (!pid) {
		const struct rlimit none = {0, 0};
		char flags[512];
		uint8_t *p;

		if (secret_pool_unlocked())
			_exit(0); /* so it is here from the start */
		if (setrlimit(RLIMIT_MEMLOCK, &none) || (getuid() == 0 && setuid(65534)))
			_exit(1);
		p = secret_pool_take(20000);
		p[19999] = 1;
		read_flags(p, flags, sizeof(flags));
		if (getuid() != 0 && !secret_pool_unlocked())
			_exit(2);
		_exit(strstr(flags, " dd") ? 0 : 3);
	}
	assert_int_equal(child_status(pid), 0);
}

/* --- where a key is found --------------------------------------------------------------------- */

/* An inverted key, so that what looks for it is not found itself. */
struct wanted {
	uint8_t inverted[KEY];
};

static struct wanted
wanted_of(const uint8_t *key)
{
	struct wanted w;

	for (size_t i = 0; i < KEY; i++)
		w.inverted[i] = (uint8_t)~key[i];
	return w;
}

static size_t
count_wanted(const struct wanted *w, const uint8_t *p, size_t n)
{
	uint8_t first = (uint8_t)~w->inverted[0];
	const uint8_t *end = n >= KEY ? p + n - KEY + 1 : p;
	size_t found = 0;

	for (; p < end && (p = memchr(p, first, (size_t)(end - p))); p++) {
		size_t i = 1;

		while (i < KEY && (p[i] ^ w->inverted[i]) == 0xff)
			i++;
		found += i == KEY;
	}
	return found;
}

/* Looks through all that this process can read; in place, for a copy would be seen. */
static size_t
count_in_memory(const struct wanted *w)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	char line[512], rights[8];
	size_t found = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) == 3 && rights[0] == 'r' &&
		    rights[1] == 'w')
			found += count_wanted(w, (const uint8_t *)from, to - from);
	fclose(f);
	return found;
}

static void
use_key(struct span key)
{
	uint8_t data[64] = {0}, iv[16] = {0}, out[MAC_SIZE_MAX];
	struct cipher *c = cipher_new(CIPHER_AES_256, key);
	struct mac *m = mac_new(HASH_SHA256, key);
	const struct span piece = SPAN(data, sizeof(data));

	assert_non_null(c);
	assert_true(cipher_encrypt(c, iv, data, sizeof(data)));
	mac_compute(m, &piece, 1, out);
	cipher_free(c);
	mac_free(m);
}

/*
 * There only with a sanitizer, which has memory of its own: AddressSanitizer forbids to look
 * through it, and ThreadSanitizer's has no end.
 */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

static void
test_gone(void **state)
{
	struct secret key = {0}, copy = {0};
	struct wanted w;

	(void)state;
	if (__asan_init || __tsan_init)
		skip();
	secret_init(&key, KEY);
	assert_int_equal(getrandom(key.p, KEY, 0), KEY);
	w = wanted_of(key.p);
	secret_clone(&copy, &key);
	use_key(secret_span(&copy));
	assert_true(count_in_memory(&w) >= 2);
	secret_fini(&key);
	secret_fini(&copy);
	assert_int_equal(count_in_memory(&w), 0);
}

/* True when there was a core; it is in the folder, under any name. */
static bool
count_in_core(const char *folder, const struct wanted *key, const struct wanted *other,
              size_t *ret_key, size_t *ret_other)
{
	char path[512];
	uint8_t *p;
	FILE *f;
	long n;

	snprintf(path, sizeof(path), "%s/core", folder);
	f = fopen(path, "r");
	if (!f)
		return false;
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	rewind(f);
	p = x_alloc((size_t)n);
	assert_int_equal(fread(p, 1, (size_t)n, f), n);
	fclose(f);
	unlink(path);
	*ret_key = count_wanted(key, p, (size_t)n);
	*ret_other = count_wanted(other, p, (size_t)n);
	free(p);
	return true;
}

/* A core dump has what is on the heap and not what is in the pool. */
static void
test_core(void **state)
{
	char folder[] = "/tmp/testudo_coreXXXXXX";
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	uint8_t random[2][KEY];
	struct wanted key, other;
	size_t keys = 0, others = 0;
	bool dumped;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(getrandom(random, sizeof(random), 0), sizeof(random));
	key = wanted_of(random[0]);
	other = wanted_of(random[1]);
	explicit_bzero(random, sizeof(random));
	pid = fork();
	if (!pid) {
		uint8_t *p = secret_pool_take(20000), *q = x_alloc(KEY);

		for (size_t i = 0; i < KEY; i++) {
			p[i] = (uint8_t)~key.inverted[i];
			q[i] = (uint8_t)~other.inverted[i];
		}
		if (chdir(folder) || setrlimit(RLIMIT_CORE, &all))
			_exit(1);
		signal(SIGABRT, SIG_DFL);
		abort();
	}
	child_status(pid);
	dumped = count_in_core(folder, &key, &other, &keys, &others);
	rmdir(folder);
	if (!dumped) {
		print_message("no core dump is to be had here (kernel.core_pattern, limits)\n");
		skip();
	}
	assert_int_equal(others >= 1, true);
	assert_int_equal(keys, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sizes),     cmocka_unit_test(test_many),
	    cmocka_unit_test(test_flags),     cmocka_unit_test(test_child),
	    cmocka_unit_test(test_too_small), cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
