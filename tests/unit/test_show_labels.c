/* SPDX-License-Identifier: Apache-2.0 */
/* Our shows against the layouts of real routers: the same labels, indented and ordered alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <fnmatch.h>

#include <cmocka.h>

#include "cli/show/show.h"
#include "tests/unit/show_labels.h"

#define A(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* --- one member of one server ----------------------------------------------------------------- */

static const uint8_t der[162] = {0x30, 0x81, 0x9f, 0x30};

static const struct snap_entry entries[] = {
    {{.proto = 17, .sport = 848, .dport = 848}, 1},
    {{.permit = true,
      .src = A(192, 168, 0, 0),
      .src_mask = 0xffff0000,
      .dst = A(172, 16, 0, 0),
      .dst_mask = 0xfff00000},
     1},
};

#define TEK                                                                                        \
	.sa = 1, .suite = {CIPHER_AES_256, HASH_SHA256}, .lifetime = 600, .window = 64,            \
	.profile = "P", .acl_name = "acl1"

static const struct snap_tek teks[] = {
    {TEK, .spi = 0xEE021924, .remaining = 188, .elapsed = 412, .time_to_rekey = 62},
    {TEK, .spi = 0x3A14695B, .remaining = 0, .elapsed = 887},
};

static const struct snap_tek live_teks[] = {
    {TEK, .spi = 0xEE021924, .remaining = 549},
    {TEK, .spi = 0x3A14695B, .remaining = 74},
};

static const struct snap_member members[] = {
    {.addr = A(44, 44, 44, 1), .server = A(15, 15, 15, 1), .testudo = true},
    {.addr = A(54, 54, 54, 1), .server = A(16, 16, 16, 1)},
};

#define GROUP                                                                                      \
	.name = "getvpn1", .id = {GROUP_ID_NUMBER, 1223},                                          \
	.kek = {.present = true,                                                                   \
	        .cipher = CIPHER_AES_256,                                                          \
	        .sig_hash = HASH_SHA1,                                                             \
	        .sig_bits = 1024,                                                                  \
	        .lifetime = 1200,                                                                  \
	        .remaining = 787,                                                                  \
	        .time_to_rekey = 552,                                                              \
	        .unicast = true,                                                                   \
	        .conn_id = 1712,                                                                   \
	        .public_key = SPAN(der, sizeof(der))},                                             \
	.n_entries = 2, .entries = entries

static const struct snap_group server = {
    GROUP,          .local = true,       .local_addr = A(15, 15, 15, 1),
    .sid_bits = 24, .sids_all = 1 << 24, .n_teks = 2,
    .teks = teks,   .n_members = 2,      .members = members};

static const struct snap_group one_member = {GROUP, .local = true, .local_addr = A(15, 15, 15, 1),
                                             .n_members = 1, .members = members};

static const struct policy_group server_policy = {
    .name = "getvpn1",
    .local = true,
    .server = {.addr = A(15, 15, 15, 1),
               .rekey = {.configured = true, .rsa_label = "REKEYRSA", .unicast = true}}};

static const struct snap_group member = {GROUP,
                                         .applied = true,
                                         .n_teks = 2,
                                         .teks = live_teks,
                                         .registration = SNAP_REGISTERED,
                                         .server = A(1, 1, 1, 1),
                                         .local_addr = A(3, 3, 1, 1),
                                         .reregister = 449,
                                         .attempts = 1,
                                         .successes = 1,
                                         .rekeys_received = 25,
                                         .last_rekey_ago = 90,
                                         .last_rekey_from = A(1, 1, 1, 1)};

static const struct snap_group one_tek = {GROUP,
                                          .applied = true,
                                          .n_teks = 1,
                                          .teks = live_teks,
                                          .server = A(1, 1, 1, 1),
                                          .local_addr = A(3, 3, 1, 1)};

static const struct snap_tek time_tek = {.sa = 1, .spi = 1, .time_window = 20};

static const struct snap_group by_time = {GROUP, .applied = true, .n_teks = 1, .teks = &time_tek,
                                          .pseudotime = 3611735210};

static const struct selector local_deny = {.src = A(172, 16, 1, 0),
                                           .src_mask = 0xffffff00,
                                           .dst = A(172, 16, 100, 0),
                                           .dst_mask = 0xffffff00};

static const struct policy_group_interface on = {.name = "GigabitEthernet0/0/1",
                                                 .map = "cisco",
                                                 .seq = 10,
                                                 .local_addr = A(3, 3, 1, 1),
                                                 .n_deny = 1,
                                                 .acl_name = "bypass",
                                                 .deny = &local_deny};

static const struct policy_group member_policy = {.name = "getvpn1",
                                                  .n_servers = 1,
                                                  .servers = {A(1, 1, 1, 1)},
                                                  .n_interfaces = 1,
                                                  .interfaces = &on};

static const struct snap_isakmp sas[] = {
    {.dst = A(1, 1, 1, 1),
     .src = A(3, 3, 1, 1),
     .state = SNAP_GDOI_IDLE,
     .conn_id = 1001,
     .active = true,
     .initiator = true,
     .cipher = CIPHER_AES_128,
     .hash = HASH_SHA1,
     .group = 16,
     .remaining = 107},
    {.dst = A(1, 1, 1, 2), .src = A(3, 3, 1, 1), .state = SNAP_MM_NO_STATE, .conn_id = 1002},
    {.dst = A(3, 3, 1, 1),
     .src = A(1, 1, 1, 1),
     .state = SNAP_GDOI_REKEY,
     .conn_id = 1712,
     .active = true}};

/* --- the comparison --------------------------------------------------------------------------- */

/* The next line of ours that is not empty, ended by a 0; NULL: no more. */
static char *
next_line(char **at)
{
	char *line;

	do
		line = strsep(at, "\n");
	while (line && !line[strspn(line, " ")]);
	return line;
}

/* The padding of a column depends on what is in it: runs of blanks inside a line are one. */
static void
squeeze_blanks(const char *from, char *to, size_t size)
{
	size_t indent = strspn(from, " "), n = 0;

	for (size_t i = 0; from[i] && n + 1 < size; i++)
		if (i < indent || from[i] != ' ' || from[i + 1] != ' ')
			to[n++] = from[i];
	while (n && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
}

static void
compare_labels(struct text *t, const char *const *labels, size_t n)
{
	char *at = t->p, want[256], have[256], *line;

	for (size_t i = 0; i < n; i++) {
		if (labels[i][0] == '-')
			continue;
		line = next_line(&at);
		if (!line)
			fail_msg("missing: \"%s\"", labels[i] + 1);
		squeeze_blanks(labels[i] + 1, want, sizeof(want));
		squeeze_blanks(line, have, sizeof(have));
		if (fnmatch(want, have, FNM_NOESCAPE))
			fail_msg("\"%s\" instead of \"%s\"", line, labels[i] + 1);
	}
	line = next_line(&at);
	if (line)
		fail_msg("not theirs: \"%s\"", line);
	text_fini(t);
}

#define COMPARE(t, labels) compare_labels(&(t), labels, ARRAY_SIZE(labels))

static void
test_server(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_gdoi_ks(&t, &server, &server_policy, false, LAYOUT_XE);
	COMPARE(t, xe_ks);
	show_gdoi_redundancy(&t, &server, &server_policy, LAYOUT_XE);
	COMPARE(t, xe_ks_redundancy);
	show_gdoi_ks_policy(&t, &server, &server_policy, 0, LAYOUT_XE);
	COMPARE(t, xe_ks_policy);
	show_gdoi_ks_members(&t, &one_member, 0, LAYOUT_XE);
	COMPARE(t, xe_ks_members);
	show_gdoi_ks_members(&t, &server, A(44, 44, 44, 1), LAYOUT_XE);
	COMPARE(t, xe_ks_members);
	show_gdoi_ks_members(&t, &one_member, 0, LAYOUT_CLASSIC);
	COMPARE(t, classic_ks_members);
	show_gdoi_ks_members_summary(&t, &server);
	COMPARE(t, xe_ks_members_summary);
	show_gdoi_ks_acl(&t, &server);
	COMPARE(t, xe_ks_acl);
	show_gdoi_ks_identifier(&t, &server, true);
	COMPARE(t, xe_ks_identifier_detail);
	show_gdoi_feature(&t, &one_member, "gm-removal");
	COMPARE(t, xe_feature);
	show_gdoi_ks_members(&t, &server, A(9, 9, 9, 9), LAYOUT_XE);
	assert_string_equal(text_string(&t), "Group Member not Found\n");
	text_fini(&t);
}

/* One of two servers that share a group. */
static void
test_one_of_several(void **state)
{
	struct text t = TEXT_INIT;
	struct snap_group g = server;
	struct policy_group p = server_policy;

	(void)state;
	p.server.coop.configured = true;
	p.server.sid_bits = 24;
	g.coop = (struct snap_coop){
	    .on = true,
	    .leads = true,
	    .n_servers = 2,
	    .servers = {{.leads = true, .here = true, .able = true, .alive = true},
	                {.addr = A(9, 9, 9, 9), .able = true, .alive = true}},
	    .piece = {.any = true, .first = 2, .last = 255},
	    .sids_taken = 512};
	show_gdoi_ks_coop_identifier(&t, &g, &p, true);
	COMPARE(t, xe_ks_coop_identifier_detail);
	show_gdoi_ks_coop_version(&t);
	COMPARE(t, xe_ks_coop_version);
	text_fini(&t);
}

static void
test_member(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_gdoi_group(&t, &member, &member_policy, LAYOUT_XE);
	COMPARE(t, xe_gm_group);
	show_gdoi_group(&t, &member, &member_policy, LAYOUT_CLASSIC);
	COMPARE(t, classic_gm_group);
	show_gdoi_gm_acl(&t, &member, &member_policy, false, LAYOUT_CLASSIC);
	COMPARE(t, classic_gm_acl);
	show_gdoi_gm_rekey(&t, &member, true);
	COMPARE(t, xe_gm_rekey_detail);
	show_gdoi_gm_replay(&t, &member, NULL);
	COMPARE(t, xe_gm_replay_off);
	show_gdoi_gm_replay(&t, &by_time, &(struct dp_stat){.n_sas = 0});
	COMPARE(t, xe_gm_replay);
	show_gdoi_gm_dataplane(&t, &member, &(struct dp_stat){.n_sas = 0});
	COMPARE(t, xe_gm_dataplane);
	show_gdoi_gm_identifier(&t, &member, false);
	COMPARE(t, xe_gm_identifier);
	show_gdoi_gm_identifier(&t, &member, true);
	COMPARE(t, xe_gm_identifier_detail);
	show_gdoi_gm_pubkey(&t, &member);
	COMPARE(t, xe_gm_pubkey);
	show_gdoi_rekey_sa(&t, &member, 1);
	COMPARE(t, xe_rekey_sa);
	show_gdoi_rekey_sa_detail(&t, &member, 1,
	                          &(struct policy){.n_groups = 1, .groups = &member_policy});
	COMPARE(t, xe_rekey_sa_detail);
	show_gdoi_ipsec_sa(&t, &member, &member_policy, LAYOUT_XE);
	COMPARE(t, xe_gdoi_ipsec_sa);
}

static void
test_isakmp(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_isakmp_sa(&t, sas, 3, LAYOUT_XE);
	COMPARE(t, xe_isakmp_sa);
	show_isakmp_sa(&t, sas, 3, LAYOUT_CLASSIC);
	COMPARE(t, classic_isakmp_sa);
	show_isakmp_sa_detail(&t, sas, 1);
	COMPARE(t, xe_isakmp_sa_detail);
	show_isakmp_sa_count(&t, sas, 3);
	COMPARE(t, xe_isakmp_sa_count);
}

static void
test_ipsec(void **state)
{
	const struct snap_isakmp peer = {.state = SNAP_GDOI_IDLE, .active = true};
	struct show_ipsec w = {.group = &one_tek, .on = &on, .mtu = 1500, .layout = LAYOUT_XE};
	struct text t = TEXT_INIT;

	(void)state;
	show_ipsec_sa(&t, &w);
	/* As IOS-XE says for the same suite on the same wire. */
	assert_non_null(strstr(text_string(&t), "plaintext mtu 1438, path mtu 1500"));
	COMPARE(t, xe_ipsec_sa);
	w.detail = true;
	show_ipsec_sa(&t, &w);
	COMPARE(t, xe_ipsec_sa_detail);
	w.detail = false;
	show_session(&t, &w, &sas[0]);
	COMPARE(t, xe_session);
	show_session_peer(&t, &(struct show_peer){&peer, 1, false}, "GigabitEthernet0/0/1");
	COMPARE(t, xe_session_peer);
}

static void
test_engine(void **state)
{
	struct show_ipsec w = {.group = &one_tek, .on = &on, .layout = LAYOUT_CLASSIC};
	struct text t = TEXT_INIT;
	size_t number = 0;

	(void)state;
	show_engine_heading(&t);
	show_engine_group(&t, &w, &number);
	/* The network that is protected, where IOS-XE has the address of the interface. */
	assert_non_null(strstr(text_string(&t), "0 192.168.0.0\n"));
	show_engine_isakmp(&t, &sas[0]);
	show_engine_kek(&t, &one_tek, LAYOUT_CLASSIC);
	COMPARE(t, engine);
	w.layout = LAYOUT_XE;
	show_engine_group(&t, &w, &number);
	assert_non_null(strstr(text_string(&t), "0 3.3.1.1\n"));
	text_clear(&t);
	show_engine_kek(&t, &one_tek, LAYOUT_XE);
	assert_non_null(strstr(text_string(&t), "0 3.3.1.1\n"));
	text_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_server), cmocka_unit_test(test_one_of_several),
	    cmocka_unit_test(test_member), cmocka_unit_test(test_isakmp),
	    cmocka_unit_test(test_ipsec),  cmocka_unit_test(test_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
