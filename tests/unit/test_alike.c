/* SPDX-License-Identifier: Apache-2.0 */
/* What key servers of one group must have in common: each setting is in the list, by its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/text.h"
#include "compiler/policy/alike.h"

static struct policy_server server;
static struct policy_sa sas[2];
static struct selector selectors[2];

static void
begin_server(void)
{
	memset(&server, 0, sizeof(server));
	memset(sas, 0, sizeof(sas));
	memset(selectors, 0, sizeof(selectors));
	for (size_t i = 0; i < 2; i++) {
		sas[i].selectors = selectors;
		sas[i].n_selectors = 1;
	}
	server.sas = sas;
	server.n_sas = 2;
	server.rekey.rsa_label = "KEY";
}

struct settings {
	size_t n;
	struct {
		enum alike which;
		char value[256];
		size_t size;
	} all[32];
};

static void
keep_setting(void *arg, enum alike which, struct span value)
{
	struct settings *l = arg;

	assert_true(l->n < ARRAY_SIZE(l->all) && value.n < sizeof(l->all[0].value));
	l->all[l->n].which = which;
	memcpy(l->all[l->n].value, value.p, value.n);
	l->all[l->n++].size = value.n;
}

/* The words of the only one that differs from those of the server as it begins; "": none does. */
static const char *
changed_setting(void)
{
	struct settings now = {0}, was = {0};
	const char *changed = "";

	policy_alike(&server, keep_setting, &now);
	begin_server();
	policy_alike(&server, keep_setting, &was);
	assert_int_equal(now.n, was.n);
	for (size_t i = 0; i < now.n; i++) {
		assert_int_equal(now.all[i].which, was.all[i].which);
		if (now.all[i].size == was.all[i].size &&
		    memcmp(now.all[i].value, was.all[i].value, now.all[i].size) == 0)
			continue;
		assert_string_equal(changed, "");
		changed = alike_words(now.all[i].which);
	}
	return changed;
}

#define CHANGES(line, what)                                                                        \
	do {                                                                                       \
		begin_server();                                                                    \
		what;                                                                              \
		assert_string_equal(changed_setting(), line);                                      \
	} while (0)

static void
every_setting(void **state)
{
	const struct policy_ace ace = {.permit = true, .src = 1};
	const struct policy_acl one = {.name = "", .n_aces = 1, .aces = &ace};
	const struct policy_identity nobody = {.name = ""};

	(void)state;
	CHANGES("rekey authentication", server.rekey.rsa_label = NULL);
	CHANGES("rekey management-algorithm", server.rekey.lkh = true);
	CHANGES("rekey transport", server.rekey.unicast = true);
	CHANGES("rekey algorithm", server.rekey.cipher = CIPHER_AES_256);
	CHANGES("rekey sig-hash algorithm", server.rekey.sig_hash = HASH_SHA512);
	CHANGES("rekey lifetime", server.rekey.lifetime = 1);
	CHANGES("rekey address", server.rekey.group_addr = 1);
	CHANGES("rekey address", server.rekey.group_port = 1);
	CHANGES("rekey delay", server.rekey.activation = 1);
	CHANGES("rekey delay", server.rekey.deactivation = 1);
	CHANGES("rekey acknowledgement", server.rekey.acks = REKEY_ACK_ANY);
	CHANGES("group size", server.sid_bits = 8);
	CHANGES("authorization", server.authorization = true);
	CHANGES("authorization", server.authorized = &(struct policy_acl){.name = ""});
	CHANGES("authorization", server.authorized = &one);
	CHANGES("authorization", server.authorized_identity = &nobody);
	CHANGES("transform-set", sas[1].suite.cipher = CIPHER_AES_256);
	CHANGES("transform-set", sas[1].suite.auth = HASH_SHA512);
	CHANGES("transform-set", sas[1].transport = true);
	CHANGES("security-association lifetime", sas[1].lifetime = 1);
	CHANGES("replay", sas[1].window = 1);
	CHANGES("replay", sas[1].time_window = 1);
	CHANGES("sa receive-only", sas[1].receive_only = true);
	CHANGES("match address", sas[1].n_selectors = 2);
	CHANGES("match address", sas[1].selectors = &(struct selector){.permit = true});
	CHANGES("match address", sas[1].selectors = &(struct selector){.proto = 1});
	CHANGES("match address", sas[1].selectors = &(struct selector){.src = 1});
	CHANGES("match address", sas[1].selectors = &(struct selector){.src_mask = 1});
	CHANGES("match address", sas[1].selectors = &(struct selector){.dst = 1});
	CHANGES("match address", sas[1].selectors = &(struct selector){.dst_mask = 1});
	CHANGES("match address", sas[1].selectors = &(struct selector){.sport = 1});
	CHANGES("match address", sas[1].selectors = &(struct selector){.dport = 1});
}

/* What is a server's own: when it sends again, its rank, what its lists are called. */
static void
no_other_setting(void **state)
{
	(void)state;
	CHANGES("", server.rekey.retransmit_period = 1);
	CHANGES("", server.rekey.retransmit_number = 1);
	CHANGES("", server.rekey.rsa_label = "OTHER");
	CHANGES("", server.addr = 1);
	CHANGES("", server.coop.priority = 1);
	CHANGES("", sas[1].profile = "OTHER");
	CHANGES("", sas[1].acl_name = "OTHER");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_setting),
	    cmocka_unit_test(no_other_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
