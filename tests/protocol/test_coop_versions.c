/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key servers of several versions share a store while they are upgraded one after the other: what
 * one says of itself and another does not read costs nobody the lead, nor do records that make no
 * sense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

/* A store in which the words of other servers than `own` are of a later format. */
struct translator {
	struct store store; /* first */
	struct store_ops ops;
	struct store *inner;
	char own[32];
	store_each *each;
	void *arg;
};

static bool
tell_translated(void *arg, const struct store_record *r)
{
	struct translator *t = arg;
	struct store_record told = *r;
	uint8_t words[COOP_WORDS_MAX + 1];

	if (strstr(r->name, "/servers/") && !strstr(r->name, t->own) && r->value.p) {
		assert_in_range(r->value.n, 1, COOP_WORDS_MAX);
		memcpy(words, r->value.p, r->value.n);
		words[0]++;
		told.value = SPAN(words, r->value.n);
	}
	return t->each(t->arg, &told);
}

static int
read_translated(struct store *s, const char *prefix, store_each *each, void *arg, uint64_t *ret)
{
	struct translator *t = (struct translator *)s;

	t->each = each;
	t->arg = arg;
	return t->inner->ops->read(t->inner, prefix, tell_translated, t, ret);
}

static int
changes_translated(struct store *s, const char *prefix, uint64_t since, unsigned wait,
                   store_each *each, void *arg, uint64_t *ret)
{
	struct translator *t = (struct translator *)s;

	t->each = each;
	t->arg = arg;
	return t->inner->ops->changes(t->inner, prefix, since, wait, tell_translated, t, ret);
}

static int
commit_through(struct store *s, const struct store_txn *txn, uint64_t *ret)
{
	struct translator *t = (struct translator *)s;

	return t->inner->ops->commit(t->inner, txn, ret);
}

static int
begin_through(struct store *s, unsigned ttl, uint64_t *ret)
{
	struct translator *t = (struct translator *)s;

	return t->inner->ops->lease_begin(t->inner, ttl, ret);
}

static int
keep_through(struct store *s, uint64_t lease)
{
	struct translator *t = (struct translator *)s;

	return t->inner->ops->lease_keep(t->inner, lease);
}

static void
close_translator(struct store *s)
{
	store_close(((struct translator *)s)->inner);
	free(s);
}

static struct store *
translator_new(struct store *take_inner, const char *own)
{
	struct translator *t = x_alloc(sizeof(*t));

	t->ops = *take_inner->ops;
	t->ops.commit = commit_through;
	t->ops.read = read_translated;
	t->ops.changes = changes_translated;
	t->ops.lease_begin = begin_through;
	t->ops.lease_keep = keep_through;
	t->ops.close = close_translator;
	t->store.ops = &t->ops;
	t->inner = take_inner;
	snprintf(t->own, sizeof(t->own), "/servers/%08x", addr_of(own));
	return &t->store;
}

static unsigned
count_text(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static unsigned
count_changes(const struct coop_world *c)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += ks_of(c->ks[i])->coop.changes;
	return n;
}

/* Who does not read the leader's words takes it for alive, and leads when it is dead. */
static void
test_words_of_another_format(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	unsigned changes;

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	for (size_t i = 0; i < 2; i++) {
		const struct policy_maker s = server_maker(&usual, i);
		struct store *door = store_memory_door(c.lab);

		c.lines[i] = translator_new(door, server_addrs[i]);
		c.w->shared = c.lines[i];
		c.ks[i] =
		    world_node(c.w, server_addrs[i], policy_server(&s, addr_of(server_addrs[i])));
		c.n = i + 1;
	}
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&c, &usual, i);
	changes = count_changes(&c);
	world_pass(c.w, SECONDS(120));
	assert_int_equal(count_changes(&c), changes);
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(ks_of(c.ks[i])->coop.n_servers, 2);
		assert_int_equal(count_text(c.ks[i]->log, "what this version does not read"), 1);
		assert_false(node_logged(c.ks[i], "is another than here"));
	}
	assert_one_group(&c);
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	assert_same_keys(&c);
	coop_free(&c);
}

static const char leader_name[] = "gdoi/n134/leader";

static void
put_record(struct coop_world *c, const char *name, struct span value, uint64_t lease)
{
	const struct store_write w = {.name = name, .value = value, .lease = lease};

	assert_int_equal(
	    c->lab->ops->commit(c->lab, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL), 0);
}

/* A record of the leader that names nobody is in nobody's way. */
static void
test_leader_record_names_nobody(void **state)
{
	static const uint8_t zero[4];
	const struct span values[] = {SPAN("", 0), SPAN(zero, 2), SPAN(zero, 4)};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct coop_world c = coop_new(&usual, 2);

		put_record(&c, leader_name, values[i], 0);
		world_pass(c.w, SECONDS(10));
		assert_non_null(leader_of(&c));
		assert_same_keys(&c);
		coop_free(&c);
	}
}

/*
 * More servers than the list of one holds, and one of those that it passes over leads: it goes on
 * leading, and is known.
 */
static void
test_leader_beyond_the_list(void **state)
{
	struct coop_world c = coop_new(&usual, 1);
	uint8_t words[COOP_WORDS_MAX];
	char name[KS_NAME_MAX];
	uint64_t lease = 0;

	(void)state;
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	assert_int_equal(c.lab->ops->lease_begin(c.lab, SECONDS(3600), &lease), 0);
	for (uint32_t i = 0; i < COOP_SERVERS_MAX + 1; i++) {
		const struct coop_server s = {.addr = 0x0a630001 + i, .priority = 1, .timed = true};

		ks_save_name(&(struct group_id){GROUP_ID_NUMBER, 134}, name, "servers/%08x",
		             s.addr);
		put_record(&c, name, SPAN(words, coop_words_put(&s, words)), lease);
	}
	put_record(&c, leader_name, SPAN("\x0a\x63\0\x09", 4), lease);
	node_boot(c.ks[0]);
	for (int i = 0; i < 20; i++) { /* It says how it is, as a server does */
		const struct coop_server s = {.addr = 0x0a630009, .priority = 2, .timed = true};

		world_pass(c.w, SECONDS(5));
		put_record(&c, name, SPAN(words, coop_words_put(&s, words)), lease);
	}
	assert_false(ks_of(c.ks[0])->coop.leads);
	assert_int_equal(ks_of(c.ks[0])->coop.changes, 0);
	assert_int_equal(ks_of(c.ks[0])->coop.leader, 0x0a630009);
	assert_int_equal(ks_of(c.ks[0])->coop.unheard, 0);
	coop_free(&c);
}

/* A later version says more, at the end and in each part: that is passed over. */
static void
test_longer_words(void **state)
{
	const struct coop_server s = {
	    .addr = 7, .priority = 3, .able = true, .settings.n = ALIKE_N};
	uint8_t words[COOP_WORDS_MAX], longer[COOP_WORDS_MAX + 8], *copy;
	struct coop_server took = {0};
	size_t n = coop_words_put(&s, words), first = (size_t)(words[1] << 8 | words[2]);

	(void)state;
	memcpy(longer, words, 3 + first);
	memset(longer + 3 + first, 0xff, 4);
	memcpy(longer + 3 + first + 4, words + 3 + first, n - 3 - first);
	memset(longer + n + 4, 0xff, 4);
	longer[2] = (uint8_t)(longer[2] + 4);
	assert_true(coop_words_take(SPAN(longer, n + 8), &took));
	assert_true(coop_words_equal(&took, &s));
	for (size_t i = 0; i < n; i++) { /* What is cut is refused, and nothing of it taken */
		struct coop_server none = {.addr = 1};

		copy = x_memdup(words, i + !i);
		assert_false(coop_words_take(SPAN(copy, i), &none));
		assert_true(none.addr == 1 && !none.able);
		free(copy);
	}
}

/* Of settings that an earlier version does not know nobody says that they differ. */
static void
test_fewer_settings(void **state)
{
	struct coop_settings a = {.n = ALIKE_N}, b = {.n = ALIKE_N - 1};

	(void)state;
	memset(a.digests[ALIKE_N - 1], 1, COOP_DIGEST);
	assert_int_equal(coop_settings_differ(&a, &b), 0);
	memset(b.digests[0], 1, COOP_DIGEST);
	assert_int_equal(coop_settings_differ(&a, &b), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words_of_another_format),
	    cmocka_unit_test(test_leader_record_names_nobody),
	    cmocka_unit_test(test_leader_beyond_the_list),
	    cmocka_unit_test(test_longer_words),
	    cmocka_unit_test(test_fewer_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
