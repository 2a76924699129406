/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locked memory for keys: see secret_pool.h. A chunk of whole pages is cut into blocks from its
 * beginning to its end. A block that comes back is kept in the list of its size; a chunk stays.
 */
#define _GNU_SOURCE
#include "runtime/crypto/secret_pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <openssl/crypto.h>

#define CHUNK_SIZE  65536
#define BLOCK_ALIGN 16u
#define BLOCK_MAX   8192u /* what is longer has pages of its own */
#define FINE_MAX    512u  /* up to here a size is a multiple of BLOCK_ALIGN, then a power of two */
#define FINE_SIZES  (FINE_MAX / BLOCK_ALIGN)
#define SIZES       (FINE_SIZES + 4)

struct free_block {
	struct free_block *next;
};

static struct {
	pthread_mutex_t lock;
	uint8_t *next; /* what is left of the newest chunk */
	size_t left;
	struct free_block *free[SIZES];
	int unlocked;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The number of the size that holds n octets, n at most BLOCK_MAX, and that size. */
static size_t
size_class(size_t n, size_t *ret_size)
{
	size_t list, size;

	if (n <= FINE_MAX) {
		list = n ? (n - 1) / BLOCK_ALIGN : 0;
		*ret_size = (list + 1) * BLOCK_ALIGN;
		return list;
	}
	for (list = FINE_SIZES, size = 2 * FINE_MAX; size < n; size *= 2)
		list++;
	assert(list < SIZES);
	*ret_size = size;
	return list;
}

/* Pages of zeros. The pool's lock is held. */
static void *
map_pages(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort(); /* as x_alloc does */
	if (mlock(p, n) && !pool.unlocked)
		pool.unlocked = -errno;
	madvise(p, n, MADV_DONTDUMP);
	madvise(p, n, MADV_WIPEONFORK);
	return p;
}

/* A piece of the newest chunk; what is too short of it for this size is given up. */
static void *
cut_block(size_t size)
{
	void *p;

	if (pool.left < size) {
		pool.next = map_pages(CHUNK_SIZE);
		pool.left = CHUNK_SIZE;
	}
	p = pool.next;
	pool.next += size;
	pool.left -= size;
	return p;
}

void *
secret_pool_take(size_t n)
{
	size_t size, list;
	struct free_block *block;
	void *p;

	pthread_mutex_lock(&pool.lock);
	if (n > BLOCK_MAX) {
		p = map_pages(n);
	} else {
		list = size_class(n, &size);
		block = pool.free[list];
		if (block)
			pool.free[list] = block->next;
		p = block ? block : cut_block(size);
		memset(p, 0, sizeof(*block)); /* the rest was wiped */
	}
	pthread_mutex_unlock(&pool.lock);
	return p;
}

void
secret_pool_give(void *p, size_t n)
{
	struct free_block *block = p;
	size_t size, list;

	OPENSSL_cleanse(p, n);
	if (n > BLOCK_MAX) {
		munmap(p, n);
		return;
	}
	pthread_mutex_lock(&pool.lock);
	list = size_class(n, &size);
	block->next = pool.free[list];
	pool.free[list] = block;
	pthread_mutex_unlock(&pool.lock);
}

int
secret_pool_unlocked(void)
{
	int error;

	pthread_mutex_lock(&pool.lock);
	error = pool.unlocked;
	pthread_mutex_unlock(&pool.lock);
	return error;
}
