/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration text in, diagnostics and policy out. Each case lists every diagnostic it must give,
 * as "line:column id suggestion", and nothing else may be said.
 */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile/compile.h"
#include "compiler/session/script.h"
#include "compiler/tree/render.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* What the lab's key server types, document and initial configuration together. */
#define R1                                                                                         \
	"hostname R1\n" /* 1 */                                                                    \
	"ip domain-name cisco.com\n"                                                               \
	"crypto isakmp policy 10\n"                                                                \
	" authentication pre-share\n"                                                              \
	"crypto isakmp key 0 GET_R3 address 10.1.23.3\n" /* 5 */                                   \
	"crypto isakmp key 0 GET_R4 address 10.1.24.4\n"                                           \
	"crypto ipsec transform-set TSET esp-3des esp-sha-hmac\n"                                  \
	"crypto ipsec profile GET_PRO\n"                                                           \
	" set transform-set TSET\n"                                                                \
	"crypto gdoi group GET_VPN\n" /* 10 */                                                     \
	" identity number 134\n"                                                                   \
	" server local\n"                                                                          \
	"  rekey authentication mypubkey rsa GET_KEY\n"                                            \
	"  rekey retransmit 10 number 2\n"                                                         \
	"  rekey transport unicast\n" /* 15 */                                                     \
	"  authorization address ipv4 GM-LIST\n"                                                   \
	"  address ipv4 10.1.12.1\n"                                                               \
	"  sa ipsec 1\n"                                                                           \
	"   profile GET_PRO\n"                                                                     \
	"   match address ipv4 LAN_LIST\n" /* 20 */                                                \
	"   replay counter window-size 64\n"                                                       \
	"interface FastEthernet0/0\n"                                                              \
	" ip address 10.1.12.1 255.255.255.0\n"                                                    \
	" no shutdown\n"                                                                           \
	"ip route 0.0.0.0 0.0.0.0 10.1.12.2\n" /* 25 */                                            \
	"ip access-list standard GM_LIST\n"                                                        \
	" permit 10.1.23.3\n"                                                                      \
	" permit 10.1.24.4\n"                                                                      \
	"ip access-list extended LAN_LIST\n"                                                       \
	" deny udp any eq 848 any eq 848\n" /* 30 */                                               \
	" permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255\n"

#define R3                                                                                         \
	"hostname R3\n" /* 1 */                                                                    \
	"crypto isakmp policy 10\n"                                                                \
	" authentication pre-share\n"                                                              \
	"crypto isakmp key 0 GET_R3 address 10.1.12.1\n"                                           \
	"crypto gdoi group GET_VPN\n" /* 5 */                                                      \
	" identity number 134\n"                                                                   \
	" server address ipv4 10.1.12.1\n"                                                         \
	"crypto map CMAP 10 gdoi\n"                                                                \
	" set group GET_VPN\n"                                                                     \
	"interface FastEthernet0/0\n" /* 10 */                                                     \
	" ip address 10.1.23.3 255.255.255.0\n"                                                    \
	" no shutdown\n"                                                                           \
	" crypto map CMAP\n"                                                                       \
	"interface Loopback0\n"                                                                    \
	" ip address 192.168.3.3 255.255.255.255\n" /* 15 */                                       \
	"ip route 10.1.12.0 255.255.255.0 10.1.23.2\n"                                             \
	"ip route 192.168.4.4 255.255.255.255 10.1.23.2\n"

/* A group that is served, up to its access list. */
#define SERVER                                                                                     \
	"interface FastEthernet0/0\n" /* 1 */                                                      \
	" ip address 10.1.12.1 255.255.255.0\n"                                                    \
	"crypto ipsec transform-set T esp-aes 256 esp-sha-hmac\n"                                  \
	"crypto ipsec profile P\n"                                                                 \
	" set transform-set T\n" /* 5 */                                                           \
	"crypto gdoi group G\n"                                                                    \
	" identity number 1\n"                                                                     \
	" server local\n"                                                                          \
	"  rekey authentication mypubkey rsa GET_KEY\n"                                            \
	"  rekey transport unicast\n" /* 10 */                                                     \
	"  address ipv4 10.1.12.1\n"                                                               \
	"  sa ipsec 1\n"                                                                           \
	"   profile P\n"                                                                           \
	"   match address ipv4 L\n"                                                                \
	"ip access-list extended L\n" /* 15 */                                                     \
	" deny udp any eq 848 any eq 848\n"

static const struct {
	const char *config;
	const char *diags; /* each "line:column id [suggestion]\n" */
} cases[] = {
    {"", ""},
    /* the two mistakes of the lab document */
    {R1, "16:28 authorization-undefined GM_LIST\n"
         "26:25 acl-unused GM-LIST\n"},
    {R3, ""},
    {"crypto isakmp policy 10\n"
     " authentication pre-share\n"
     "crypto isakmp key 0 GET_GM1 address 100.1.1.100\n"
     "crypto gdoi group GET_VPN\n"
     " identity number 123\n"
     " server address ipv4 10.1.12.1\n"
     "crypto map CMAP 10 gdoi\n"
     " set group GET_VPN\n"
     "interface FastEthernet0/0\n"
     " ip address 10.1.1.1 255.255.255.0\n"
     " crypto map CMAP\n"
     "ip route 100.1.1.0 255.255.255.0 10.1.1.10\n",
     "6:21 server-no-key 100.1.1.100\n"},
    /* time-based replay protection means nothing without integrity */
    {SERVER " permit tcp any any\n"
            "crypto ipsec transform-set T esp-aes\n"
            "crypto gdoi group G\n server local\n  sa ipsec 1\n   replay time window-size 5\n",
     "22:1 replay-time-unprotected\n"},
    /* GCM brings its own integrity */
    {SERVER " permit tcp any any\n"
            "crypto ipsec transform-set T esp-gcm 256 esp-sha-hmac\n",
     "18:28 transform-set-unfit\n"},
    /* references */
    {SERVER " permit ip any any\n", ""},
    {"crypto gdoi group G\n"
     " identity number 1\n"
     " server local\n"
     "  rekey authentication mypubkey rsa GETKEY\n"
     "  rekey transport unicast\n"
     "  address ipv4 10.1.1.1\n"
     "  sa ipsec 1\n"
     "   profile GETPRO\n"
     "   match address ipv4 LAN-LIST\n"
     "crypto ipsec transform-set TSET esp-3des esp-sha-hmac\n"
     "crypto ipsec profile GET_PRO\n"
     " set transform-set T-SET\n"
     "interface FastEthernet0/0\n"
     " ip address 10.1.1.2 255.255.255.0\n"
     "ip access-list extended LAN_LIST\n"
     " permit ip any any\n",
     "4:35 rsa-undefined GET_KEY\n"
     "6:14 server-address-foreign 10.1.1.2\n"
     "8:9 profile-undefined GET_PRO\n"
     "9:20 acl-undefined LAN_LIST\n"
     "15:25 acl-unused LAN-LIST\n"},
    {"crypto map CMAP 10 gdoi\n"
     " set group GETVPN\n"
     "crypto map CMAP 20 gdoi\n"
     "crypto gdoi group GET_VPN\n"
     " server address ipv4 10.1.1.1\n"
     "interface FastEthernet0/0\n"
     " crypto map CMPA\n"
     " ip access-group NONE in\n",
     "1:12 map-unapplied\n"
     "2:11 group-undefined GET_VPN\n"
     "3:1 map-no-group set group\n"
     "4:19 group-no-identity identity number\n"
     "4:19 group-unapplied set group\n"
     "5:21 server-no-key\n"
     "7:12 map-undefined CMAP\n"
     "8:17 access-group-undefined\n"},
    /* what a group policy cannot carry */
    {SERVER " permit tcp any range 1000 2000 any\n"
            " permit tcp any any established\n"
            " permit ip any any log\n",
     "17:1 selector-unfit\n"
     "18:1 selector-unfit\n"
     "19:1 selector-log\n"},
    {"interface FastEthernet0/0\n"
     " ip address 10.1.12.1 255.255.255.0\n"
     "crypto isakmp policy 10\n"
     " authentication pre-share\n"
     "crypto isakmp key K address 0.0.0.0 0.0.0.0\n"
     "crypto ipsec transform-set T esp-aes esp-sha-hmac\n"
     "crypto ipsec profile P\n"
     " set transform-set T\n"
     "crypto gdoi group G\n"
     " identity number 1\n"
     " server local\n"
     "  rekey authentication mypubkey rsa GET_KEY\n"
     "  rekey transport unicast\n"
     "  rekey delay activation 30 deactivation 60\n"
     "  address ipv4 10.1.12.1\n"
     "  sa ipsec 1\n"
     "   profile P\n"
     "   match address ipv4 L\n"
     "ip access-list extended L\n"
     " permit ip any any\n",
     "18:20 acl-encrypts-gdoi deny udp any eq 848 any eq 848\n"},
    /* an empty group, an empty server */
    {"crypto gdoi group G\n"
     " server local\n",
     "1:19 group-no-identity identity number\n"
     "2:1 rekey-no-authentication rekey authentication mypubkey rsa\n"
     "2:1 server-no-address address ipv4\n"
     "2:1 server-no-sa sa ipsec 1\n"},
    /* old keys given up before the new ones send */
    {"crypto gdoi group G\n"
     " identity number 1\n"
     " server local\n"
     "  rekey delay activation 60 deactivation 60\n",
     "3:1 rekey-delay\n"
     "3:1 rekey-no-authentication rekey authentication mypubkey rsa\n"
     "3:1 server-no-address address ipv4\n"
     "3:1 server-no-sa sa ipsec 1\n"},
    /* KSSIDs beyond the size of the group; a transform set that is none */
    {"crypto gdoi group G\n"
     " identity number 1\n"
     " server local\n"
     "  group size small 12\n"
     "  identifier\n"
     "   range 7 - 8\n"
     "   value 0\n"
     "crypto gdoi group H\n"
     " identity number 2\n"
     " server address ipv4 10.1.12.1\n"
     " client transform-sets NONE\n"
     " client transport-encrypt-key pair-wise-key\n",
     "3:1 rekey-no-authentication rekey authentication mypubkey rsa\n"
     "3:1 server-no-address address ipv4\n"
     "3:1 server-no-sa sa ipsec 1\n"
     "6:1 kssid-too-large\n"
     "8:19 group-unapplied set group\n"
     "10:21 server-no-key\n"
     "11:23 client-transform-undefined\n"
     "12:1 not-built\n"},
    /* what a device may refuse: IOS's defaults, one thing each */
    {"crypto engine legacy disable\n"
     "crypto isakmp policy 10\n"
     " hash sha256\n"
     " group 14\n"
     "crypto isakmp policy 20\n" /* 5 */
     " encryption aes\n"
     " group 14\n"
     "crypto isakmp policy 30\n"
     " encryption aes\n"
     " hash sha256\n" /* 10 */
     " group 5\n"
     "crypto isakmp policy 40\n"
     " encryption aes\n"
     " hash sha256\n"
     " group 14\n", /* 15 */
     "2:1 legacy-disabled\n"
     "5:1 legacy-disabled\n"
     "8:1 legacy-disabled\n"},
    {SERVER " permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255\n"
            "crypto engine legacy disable\n",
     "3:28 legacy-disabled esp-aes 256\n"
     "8:1 legacy-disabled rekey algorithm aes 256\n"},
    {"crypto gdoi store none\n"
     "crypto gdoi store required\n",
     "2:1 store-none-required crypto gdoi store sqlite\n"},
    {"crypto gdoi store sqlite flash:coop.store\n"
     "crypto gdoi store etcd http://10.0.0.11:2379\n",
     "1:26 store-shared-twice crypto gdoi store sqlite\n"},
    {"crypto gdoi store etcd http://10.0.0.11:2379\n"
     "crypto gdoi store etcd https://10.0.0.11:2379\n"
     " trustpoint ETCD\n",
     "3:12 store-trustpoint-undefined\n"},
    {"crypto gdoi store etcd https://10.0.0.11:2379 https://10.0.0.12:2379/keys\n"
     " trustpoint ETCD\n",
     "1:24 store-endpoint\n"
     "2:12 store-trustpoint-undefined\n"},
    {"crypto gdoi store etcd https://e1 http://10.0.0.12:2379\n"
     " trustpoint ETCD\n",
     "2:12 store-trustpoint-undefined\n"
     "2:12 store-trustpoint-unused\n"},
    /* interfaces and routes */
    {"interface FastEthernet0/0\n"
     " ip address 10.1.12.1 255.255.255.0\n"
     "interface FastEthernet0/1\n"
     " vrf forwarding OTHER\n"
     " ip address 10.1.12.129 255.255.255.128\n"
     "ip route 10.9.0.0 255.255.0.0 10.1.13.2\n"
     "ip route 10.8.0.0 255.255.0.0 10.9.0.1\n",
     "4:16 vrf-undefined\n"
     "6:31 route-next-hop\n"},
    /* keys that no policy uses */
    {"crypto isakmp policy 10\n"
     " encryption aes 256\n"
     "crypto isakmp key K address 10.1.1.1\n",
     "1:1 isakmp-no-pre-share authentication pre-share\n"},
    /* signatures without a certificate, without a key, with a list that nobody asks for */
    {"crypto pki trustpoint LAB\n"
     " revocation-check ocsp\n"
     " rsakeypair OTHER\n"
     "crypto isakmp policy 10\n"
     " encryption aes\n",
     "1:23 pki-no-certificate\n"
     "2:1 pki-revocation revocation-check crl\n"
     "3:12 pki-no-key\n"},
    /* who does not say how revocation is asked is told what that means */
    {"crypto pki trustpoint LAB\n"
     "crypto pki trustpoint STRICT\n"
     " revocation-check crl\n"
     "crypto pki trustpoint LOOSE\n"
     " revocation-check crl none\n"
     "crypto isakmp policy 10\n"
     " encryption aes\n",
     "1:23 pki-no-certificate\n"
     "1:23 pki-no-key\n"
     "1:23 pki-revocation revocation-check crl\n"
     "2:23 pki-no-certificate\n"
     "2:23 pki-no-key\n"
     "4:23 pki-no-certificate\n"
     "4:23 pki-no-key\n"},
    /* a member's own list */
    {R3 "ip access-list extended OWN\n"
        " deny tcp any any eq 22\n"
        " permit ip any any\n"
        "crypto map CMAP 10 gdoi\n"
        " match address OWN\n",
     "20:1 map-permit-ignored\n"},
    /* fail-close mode: not activated, with a list that does not exist */
    {R3 "crypto map CMAP gdoi fail-close\n"
        " match address NONE\n",
     "18:1 fail-close-inactive activate\n"
     "19:15 fail-close-acl-undefined\n"},
    /* what cannot be kept opens nothing */
    {R3 "crypto map CMAP gdoi fail-close\n"
        " match address EXC\n"
        " activate\n"
        "ip access-list extended EXC\n"
        " deny tcp any any established\n"
        " permit tcp any any range 1 9\n"
        " deny ip any any\n",
     "22:1 fail-close-unfit\n23:1 fail-close-unfit\n"},
};

/* --- from text -------------------------------------------------------------------------------- */

static void
fail_refused(void *arg, const struct script_refusal *refusal)
{
	(void)arg;
	fail_msg("line %u \"%s\": %s", refusal->line, refusal->text, refusal->message);
}

static struct tree *
read_config(const char *text)
{
	struct session_setup setup = {.tree = tree_new(), .name = "Router"};

	script_read(&setup, text, SCRIPT_TYPED, fail_refused, NULL);
	return setup.tree;
}

static struct policy *
compile_tree(const struct tree *t, struct diag_list *diags)
{
	static const char *const labels[] = {"GET_KEY"};
	const struct compile_facts facts = {.kind = &compile_router,
	                                    .default_hostname = "Router",
	                                    .n_rsa_labels = ARRAY_SIZE(labels),
	                                    .rsa_labels = labels};

	return compile(t, &facts, diags);
}

static struct policy *
compile_text(const char *text)
{
	struct tree *t = read_config(text);
	struct diag_list diags;
	struct policy *p;

	diag_list_init(&diags);
	p = compile_tree(t, &diags);
	diag_list_fini(&diags);
	tree_free(t);
	return p;
}

/* On unless `no client recovery-check` turns it off. */
static void
test_recovery_check(void **state)
{
	static const struct {
		const char *line;
		uint32_t seconds;
	} said[] = {
	    {"passive", 300},
	    {"client recovery-check interval 100", 100},
	    {"no client recovery-check", 0},
	    {"no client recovery-check\n default client recovery-check", 300},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		char *text = x_asprintf("crypto gdoi group G\n %s\n", said[i].line);
		struct policy *p = compile_text(text);
		const struct policy_group *g = policy_group_find(p, "G");

		assert_int_equal(g->recovery_check, said[i].seconds);
		policy_free(p);
		free(text);
	}
}

/* What `rekey retransmit` says of those that do not acknowledge. */
static void
test_retransmissions(void **state)
{
	static const struct {
		const char *line;
		uint32_t period, number;
		bool periodic;
	} said[] = {
	    {"no rekey retransmit", 10, 2, false},
	    {"rekey retransmit 20", 20, 2, false},
	    {"rekey retransmit 60 number 5", 60, 5, false},
	    {"rekey retransmit 30 periodic", 30, 2, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		char *text = x_asprintf("crypto gdoi group G\n server local\n  %s\n", said[i].line);
		struct policy *p = compile_text(text);
		const struct policy_rekey *r = &policy_group_find(p, "G")->server.rekey;

		assert_int_equal(r->retransmit_period, said[i].period);
		assert_int_equal(r->retransmit_number, said[i].number);
		assert_int_equal(r->periodic, said[i].periodic);
		policy_free(p);
		free(text);
	}
}

static void
append_line(void *arg, const char *line)
{
	char **text = arg, *longer = x_asprintf("%s%s\n", *text, line);

	free(*text);
	*text = longer;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void
test_diags(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tree *t = read_config(cases[i].config);
		struct diag_list diags;
		char *said = x_strdup("");

		diag_list_init(&diags);
		policy_free(compile_tree(t, &diags));
		for (j = 0; j < diags.n; j++) {
			const struct diag *d = &diags.items[j];
			char *longer = x_asprintf("%s%u:%u %s%s%s\n", said, d->line, d->column,
			                          d->id, *d->suggest ? " " : "", d->suggest);

			free(said);
			said = longer;
			print_message("%s: %s\n    %s\n", severity_text(d->severity), d->message,
			              d->text);
			/* the place is in the line, and nothing is said twice */
			assert_true(d->column + d->length <= strlen(d->text) + 1);
			assert_true(d->line > 0 && d->length > 0);
		}
		assert_string_equal(said, cases[i].diags);
		free(said);
		diag_list_fini(&diags);
		tree_free(t);
	}
}

/* The policy of what is rendered is the policy of what was typed. */
static void
test_render(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tree *t = read_config(cases[i].config), *again;
		char *text = x_strdup("");
		struct policy *a, *b;

		render_config(t, append_line, &text);
		again = read_config(text);
		a = compile_text(cases[i].config);
		b = compile_text(text);
		assert_true(policy_equal(a, b));
		policy_free(a);
		policy_free(b);
		free(text);
		tree_free(again);
		tree_free(t);
	}
}

static void
test_key_server(void **state)
{
	struct policy *p = compile_text(R1);
	const struct policy_group *g = policy_group_find(p, "GET_VPN");
	const struct policy_server *s = &g->server;
	const struct policy_sa *sa = &s->sas[0];
	const struct policy_acl *acl = policy_acl_find(p, "GM_LIST");

	(void)state;
	assert_string_equal(p->hostname, "R1");
	assert_string_equal(p->domain_name, "cisco.com");
	assert_true(p->ip_routing && p->isakmp_enabled);
	assert_int_equal(p->n_isakmp, 1);
	assert_int_equal(p->isakmp[0].number, 10);
	assert_int_equal(p->isakmp[0].cipher, CIPHER_DES);
	assert_int_equal(p->isakmp[0].hash, HASH_SHA1);
	assert_int_equal(p->isakmp[0].auth, ISAKMP_AUTH_PSK);
	assert_int_equal(p->isakmp[0].group, 1);
	assert_int_equal(p->isakmp[0].lifetime, 86400);
	assert_memory_equal(policy_psk_find(p, NULL, IP(10, 1, 24, 4)).p, "GET_R4", 6);
	assert_int_equal(policy_psk_find(p, NULL, IP(10, 1, 24, 5)).n, 0);
	assert_int_equal(g->id.type, GROUP_ID_NUMBER);
	assert_int_equal(g->id.value, 134);
	assert_true(g->local);
	assert_int_equal(s->addr, IP(10, 1, 12, 1));
	assert_true(s->rekey.configured && s->rekey.unicast);
	assert_string_equal(s->rekey.rsa_label, "GET_KEY");
	assert_int_equal(s->rekey.cipher, CIPHER_3DES);
	assert_int_equal(s->rekey.sig_hash, HASH_SHA1);
	assert_int_equal(s->rekey.lifetime, 86400);
	assert_int_equal(s->rekey.retransmit_period, 10);
	assert_int_equal(s->rekey.retransmit_number, 2);
	assert_true(s->authorization);
	assert_string_equal(s->authorization_name, "GM-LIST");
	assert_null(s->authorized);
	assert_int_equal(s->n_sas, 1);
	assert_int_equal(sa->number, 1);
	assert_string_equal(sa->profile, "GET_PRO");
	assert_int_equal(sa->suite.cipher, CIPHER_3DES);
	assert_int_equal(sa->suite.auth, HASH_SHA1);
	assert_int_equal(sa->lifetime, 3600);
	assert_int_equal(sa->window, 64);
	assert_false(sa->transport);
	assert_int_equal(sa->n_selectors, 2);
	assert_false(sa->selectors[0].permit);
	assert_int_equal(sa->selectors[0].proto, 17);
	assert_int_equal(sa->selectors[0].sport, 848);
	assert_int_equal(sa->selectors[0].src_mask, 0);
	assert_true(sa->selectors[1].permit);
	assert_int_equal(sa->selectors[1].dst, IP(192, 168, 0, 0));
	assert_int_equal(sa->selectors[1].dst_mask, IP(255, 255, 0, 0));
	assert_true(acl->standard);
	assert_int_equal(acl->aces[1].seq, 20);
	assert_true(policy_acl_permits(acl, &(struct flow){.src = IP(10, 1, 24, 4)}));
	assert_false(policy_acl_permits(acl, &(struct flow){.src = IP(10, 1, 24, 5)}));
	assert_string_equal(policy_acl_find(p, "LAN_LIST")->aces[0].text,
	                    "deny udp any eq 848 any eq 848");
	policy_free(p);
}

static void
test_member(void **state)
{
	struct policy *p = compile_text(R3 "ip access-list extended OWN\n"
	                                   " deny tcp any eq 22 www any\n"
	                                   " permit ip any any\n"
	                                   "crypto map CMAP 10 gdoi\n"
	                                   " match address OWN\n");
	const struct policy_group *g = policy_group_find(p, "GET_VPN");
	const struct policy_interface *f = policy_interface_find(p, "FastEthernet0/0");

	(void)state;
	assert_false(g->local);
	assert_int_equal(g->n_servers, 1);
	assert_int_equal(g->servers[0], IP(10, 1, 12, 1));
	assert_int_equal(g->n_interfaces, 1);
	assert_string_equal(g->interfaces[0].name, "FastEthernet0/0");
	assert_string_equal(g->interfaces[0].map, "CMAP");
	assert_int_equal(g->interfaces[0].seq, 10);
	assert_int_equal(g->interfaces[0].local_addr, IP(10, 1, 23, 3));
	assert_int_equal(g->interfaces[0].n_deny, 2);
	assert_int_equal(g->interfaces[0].deny[1].sport, 80);
	assert_ptr_equal(f->crypto_map, &p->maps[0]);
	assert_ptr_equal(p->maps[0].entries[0].group, g);
	assert_int_equal(f->len, 24);
	assert_int_equal(p->n_routes, 2);
	assert_int_equal(p->routes[1].to.len, 32);
	assert_int_equal(p->routes[0].via, IP(10, 1, 23, 2));
	assert_int_equal(p->routes[0].distance, 1);
	policy_free(p);
}

/* The members' own denies come first; an entry that cannot be kept lets nothing out behind it. */
static void
test_fail_close(void **state)
{
	struct policy *p = compile_text(R3 "crypto map CMAP gdoi fail-close\n"
	                                   " match address EXC\n"
	                                   " activate\n"
	                                   "crypto map CMAP 10 gdoi\n"
	                                   " match address OWN\n"
	                                   "ip access-list extended OWN\n"
	                                   " deny tcp any any eq 22\n"
	                                   "ip access-list extended EXC\n"
	                                   " deny tcp any any established\n"
	                                   " permit tcp any any eq 80\n"
	                                   " deny udp any any eq 53\n"
	                                   " permit tcp any any range 1 9\n"
	                                   " deny ip any any\n");
	const struct policy_fail_close *f = &p->maps[0].fail_close;

	(void)state;
	assert_true(f->configured && f->active);
	assert_string_equal(f->acl_name, "EXC");
	assert_int_equal(f->n_local, 1);
	assert_int_equal(f->n_selectors, 3);
	assert_int_equal(f->selectors[0].dport, 22);
	assert_true(f->selectors[1].permit && f->selectors[1].dport == 80);
	assert_true(!f->selectors[2].permit && f->selectors[2].dport == 53);
	policy_free(p);
}

/* An error takes the whole SA with it: nothing is served rather than half of it. */
static void
test_unfit(void **state)
{
	struct policy *p = compile_text(SERVER " permit tcp any any established\n");

	(void)state;
	assert_int_equal(p->groups[0].server.sas[0].n_selectors, 0);
	policy_free(p);
	p = compile_text(SERVER " permit tcp any any\n"
	                        "crypto ipsec security-association lifetime seconds 1800\n");
	assert_int_equal(p->groups[0].server.sas[0].n_selectors, 2);
	assert_int_equal(p->groups[0].server.sas[0].lifetime, 1800);
	assert_int_equal(p->groups[0].server.sas[0].window, 64); /* nothing typed */
	policy_free(p);
	p = compile_text(SERVER " permit tcp any any\n"
	                        "crypto ipsec profile P\n"
	                        " set security-association lifetime seconds 900\n");
	assert_int_equal(p->groups[0].server.sas[0].lifetime, 900);
	policy_free(p);
	p = compile_text(SERVER " permit tcp any any\n"
	                        "no crypto ipsec transform-set T\n");
	assert_int_equal(p->groups[0].server.sas[0].n_selectors, 0);
	policy_free(p);
}

/* By counter, by time, or by default; the last word wins. */
static void
test_replay(void **state)
{
	static const struct {
		const char *lines;
		uint32_t window, time_window;
	} table[] = {
	    {"", 64, 0},
	    {"replay counter window-size 512\n", 512, 0},
	    {"replay time\n", 0, 100},
	    {"replay time window-size 7\n", 0, 7},
	    {"replay time window-size 7\nreplay counter window-size 128\n", 128, 0},
	    {"replay counter window-size 128\nreplay time window-size 1\n", 0, 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		char *text = x_asprintf(SERVER " permit tcp any any\n"
		                               "crypto gdoi group G\nserver local\nsa ipsec 1\n%s",
		                        table[i].lines);
		struct policy *p = compile_text(text);
		const struct policy_sa *sa = &p->groups[0].server.sas[0];

		assert_int_equal(sa->window, table[i].window);
		assert_int_equal(sa->time_window, table[i].time_window);
		policy_free(p);
		free(text);
	}
}

static void
test_suites(void **state)
{
	static const struct {
		const char *transforms;
		enum cipher_id cipher;
		enum hash_id auth;
	} table[] = {
	    {"esp-des esp-md5-hmac", CIPHER_DES, HASH_MD5},
	    {"esp-aes 192 esp-sha384-hmac", CIPHER_AES_192, HASH_SHA384},
	    {"esp-aes 256 esp-sha512-hmac", CIPHER_AES_256, HASH_SHA512},
	    {"esp-sha256-hmac esp-null", CIPHER_NULL, HASH_SHA256},
	    {"esp-gcm", CIPHER_GCM_128, HASH_NONE},
	    {"esp-gcm 192", CIPHER_GCM_192, HASH_NONE},
	    {"esp-gcm 256", CIPHER_GCM_256, HASH_NONE},
	    {"esp-gmac", CIPHER_GMAC_128, HASH_NONE},
	    {"esp-gmac 256", CIPHER_GMAC_256, HASH_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		char *text = x_asprintf(SERVER " permit tcp any any\n"
		                               "crypto ipsec transform-set T %s\n",
		                        table[i].transforms);
		struct policy *p = compile_text(text);
		const struct policy_sa *sa = &p->groups[0].server.sas[0];

		assert_int_equal(sa->n_selectors, 2);
		assert_int_equal(sa->suite.cipher, table[i].cipher);
		assert_int_equal(sa->suite.auth, table[i].auth);
		policy_free(p);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_retransmissions), cmocka_unit_test(test_recovery_check),
	    cmocka_unit_test(test_diags),           cmocka_unit_test(test_render),
	    cmocka_unit_test(test_key_server),      cmocka_unit_test(test_member),
	    cmocka_unit_test(test_fail_close),      cmocka_unit_test(test_unfit),
	    cmocka_unit_test(test_suites),          cmocka_unit_test(test_replay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
