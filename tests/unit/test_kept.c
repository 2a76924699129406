/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is only kept changes nothing: every command that the grammar calls kept or not built, typed
 * into a router that works, and taken back, leaves the policy what it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compiler/compile/compile.h"
#include "compiler/session/session.h"
#include "walk_tree.h"

/* A member and a key server in one, so that every mode with something built has a place. */
static const char *const base[] = {
    "hostname R1",
    "ip domain name example.com",
    "crypto isakmp policy 10",
    "authentication pre-share",
    "crypto isakmp key K address 10.1.12.2",
    "crypto ipsec transform-set T esp-aes 256 esp-sha-hmac",
    "mode tunnel",
    "crypto ipsec profile P",
    "set transform-set T",
    "set security-association lifetime seconds 1200",
    "crypto gdoi group G",
    "identity number 1",
    "server address ipv4 10.1.12.2",
    "crypto gdoi group S",
    "identity number 2",
    "server local",
    "rekey transport unicast",
    "authorization address ipv4 1",
    "address ipv4 10.1.12.1",
    "sa ipsec 1",
    "profile P",
    "match address ipv4 L",
    "replay counter window-size 128",
    "crypto map M gdoi fail-close",
    "activate",
    "crypto map M 10 gdoi",
    "set group G",
    "match address L",
    "interface FastEthernet0/0",
    "ip address 10.1.12.1 255.255.255.0",
    "ip access-group 100 in",
    "crypto map M",
    "ip route 10.2.0.0 255.255.0.0 10.1.12.2",
    "ip access-list standard 1",
    "permit 10.1.12.2",
    "ip access-list extended L",
    "deny udp any any eq 848",
    "permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255",
    "ip access-list extended 100",
    "permit ip any any",
};

struct bench {
	const struct policy *before;
	unsigned typed, changed;
};

static struct tree *
base_tree(void)
{
	struct tree *t = tree_new();
	struct session_setup setup = {.tree = t, .name = "Router"};
	struct config_session *s = session_new(&setup);

	session_configure(s);
	for (size_t i = 0; i < ARRAY_SIZE(base); i++)
		if (session_line(s, base[i]) != SESSION_TAKEN)
			fail_msg("\"%s\" is not taken", base[i]);
	session_free(s);
	return t;
}

static struct policy *
policy_of(const struct tree *t)
{
	static const char *const labels[] = {"K"};
	const struct compile_facts facts = {.kind = &compile_router,
	                                    .default_hostname = "R1",
	                                    .n_rsa_labels = 1,
	                                    .rsa_labels = labels};
	struct diag_list diags;
	struct policy *p;

	diag_list_init(&diags);
	p = compile(t, &facts, &diags);
	diag_list_fini(&diags);
	return p;
}

/* The first node in whose mode an entry's lines are typed; NULL: the base has none. */
static struct tnode *
node_in(struct tnode *n, uint16_t mode)
{
	const struct tnode *child;
	struct tnode *found;

	if (tnode_mode(n) == mode)
		return n;
	for (child = tnode_child(n); child; child = tnode_sibling(child))
		if (tnode_entry(child)->verb == VERB_ENTER &&
		    (found = node_in((struct tnode *)(uintptr_t)child, mode)))
			return found;
	return NULL;
}

/* Entries of which a part is built: the map is applied, whatever else the line says of it. */
static bool
is_half_built(const struct gram_entry *e)
{
	return e->key == KEY_IF_CRYPTO_MAP;
}

static void
check_unchanged(struct bench *b, const struct tree *t, const char *line)
{
	struct policy *after = policy_of(t);

	b->typed++;
	if (!policy_equal(b->before, after)) {
		print_error("\"%s\" changes what runs\n", line);
		b->changed++;
	}
	policy_free(after);
}

static void
type_way(void *arg, struct way *w)
{
	const struct gram_entry *e = w->entry;
	uint16_t mode = walk_typed_in(e->mode);
	struct bench *b = arg;
	char line[WALK_LINE + 3] = "no ";
	struct tnode *at, *context;
	struct tree *t;

	if ((!e->unbuilt && !e->kept) || is_half_built(e))
		return;
	t = base_tree();
	at = node_in(tree_root(t), mode);
	walk_line(w, w->n, line + 3);
	context = at;
	if (at && type_line(t, &context, line + 3) != NO_PARSE) {
		check_unchanged(b, t, line + 3);
		context = at;
		(void)type_line(t, &context, line);
		check_unchanged(b, t, line);
	}
	tree_free(t);
}

static void
what_is_kept_changes_nothing(void **state)
{
	struct tree *t = base_tree();
	struct policy *before = policy_of(t);
	struct bench b = {.before = before};

	(void)state;
	assert_true(before->n_groups == 2 && before->groups[0].n_interfaces == 1 &&
	            before->groups[1].server.addr && before->maps[0].fail_close.active);
	walk_grammar(type_way, &b);
	assert_true(b.typed > 500);
	assert_int_equal(b.changed, 0);
	policy_free(before);
	tree_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_kept_changes_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
