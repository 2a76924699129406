/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar engine: lines to commands, errors and their columns, help, completion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/grammar/command.h"

struct example {
	enum gram_mode mode;
	const char *line;
	enum parse want;
	size_t column; /* of PARSE_INVALID */
	const char *canonical;
};

static const struct example examples[] = {
    {MODE_ENABLE, "sh cry isa sa", PARSE_OK, 0, "show crypto isakmp sa"},
    {MODE_ENABLE, "sh cry ips sa", PARSE_OK, 0, "show crypto ipsec sa"},
    {MODE_ENABLE, "show crypto gkm group G", PARSE_OK, 0, "show crypto gdoi group G"},
    {MODE_ENABLE, "show", PARSE_INCOMPLETE, 0, NULL},
    {MODE_ENABLE, "show crypto i", PARSE_AMBIGUOUS, 0, NULL},
    {MODE_ENABLE, "show crypto bogus", PARSE_INVALID, 12, NULL},
    {MODE_ENABLE, "bogus", PARSE_INVALID, 0, NULL},
    {MODE_ENABLE, "", PARSE_EMPTY, 0, NULL},
    {MODE_ENABLE, "  ! a comment", PARSE_EMPTY, 0, NULL},
    {MODE_ENABLE, "conf t", PARSE_OK, 0, "configure terminal"},
    {MODE_ENABLE, "ping 192.168.4.4 source lo0 repeat 10", PARSE_OK, 0,
     "ping 192.168.4.4 source Loopback0 repeat 10"},
    {MODE_ENABLE, "ping 192.168.4.4 repeat 10 source 192.168.3.3", PARSE_OK, 0,
     "ping 192.168.4.4 repeat 10 source 192.168.3.3"},
    {MODE_ENABLE, "ping 1.1.1.1 repeat 1 repeat 2", PARSE_INVALID, 22, NULL},
    {MODE_ENABLE, "ping 1.1.1.256", PARSE_INVALID, 5, NULL},
    {MODE_CONFIG, "int f0/0", PARSE_OK, 0, "interface FastEthernet0/0"},
    {MODE_CONFIG, "interface FastEthernet 0/0", PARSE_OK, 0, "interface FastEthernet0/0"},
    {MODE_CONFIG, "interface s0/1/0.52", PARSE_OK, 0, "interface Serial0/1/0.52"},
    {MODE_CONFIG, "interface x0", PARSE_INVALID, 10, NULL},
    {MODE_CONFIG, "ip domain-name cisco.com", PARSE_OK, 0, "ip domain name cisco.com"},
    {MODE_CONFIG, "crypto key generate rsa modulus 1024 label GET_KEY", PARSE_OK, 0,
     "crypto key generate rsa modulus 1024 label GET_KEY"},
    {MODE_CONFIG, "crypto key generate rsa label X modulus 2048 exportable", PARSE_OK, 0,
     "crypto key generate rsa label X modulus 2048 exportable"},
    {MODE_CONFIG, "crypto isakmp policy 0", PARSE_INVALID, 21, NULL},
    {MODE_CONFIG, "crypto isakmp policy 10001", PARSE_INVALID, 21, NULL},
    {MODE_CONFIG, "crypto isakmp key 0 GET_R3 address 10.1.23.3", PARSE_OK, 0,
     "crypto isakmp key GET_R3 address 10.1.23.3"},
    {MODE_CONFIG, "crypto isakmp key ~99a_aa|||aa address 1.2.3.4", PARSE_OK, 0,
     "crypto isakmp key ~99a_aa|||aa address 1.2.3.4"},
    {MODE_CONFIG, "crypto isakmp key K B", PARSE_INVALID, 20, NULL},
    {MODE_CONFIG, "crypto ipsec transform-set TSET esp-3des esp-sha-hmac", PARSE_OK, 0,
     "crypto ipsec transform-set TSET esp-3des esp-sha-hmac"},
    {MODE_CONFIG, "crypto ipsec transform-set T esp-aes 256 esp-sha256-hmac", PARSE_OK, 0,
     "crypto ipsec transform-set T esp-aes 256 esp-sha256-hmac"},
    {MODE_CONFIG, "crypto ipsec transform-set T esp-sha-hmac esp-aes", PARSE_OK, 0,
     "crypto ipsec transform-set T esp-sha-hmac esp-aes"},
    /* a submode's command, a parent's, and what neither knows */
    {MODE_CONFIG_ISAKMP, "authentication pre-share", PARSE_OK, 0, "authentication pre-share"},
    {MODE_CONFIG_ISAKMP, "auth pre", PARSE_OK, 0, "authentication pre-share"},
    {MODE_CONFIG_ISAKMP, "encryption aes 256", PARSE_OK, 0, "encr aes 256"},
    {MODE_CONFIG_ISAKMP, "crypto gdoi group G", PARSE_OK, 0, "crypto gdoi group G"},
    {MODE_CONFIG_ISAKMP, "authentication bogus", PARSE_INVALID, 15, NULL},
    {MODE_GDOI_SA_IPSEC, "address ipv4 10.1.12.1", PARSE_OK, 0, "address ipv4 10.1.12.1"},
    {MODE_GDOI_SA_IPSEC, "match address LAN-LIST", PARSE_INVALID, 14, NULL},
    {MODE_GDOI_SA_IPSEC, "replay counter window-size", PARSE_INCOMPLETE, 0, NULL},
    {MODE_GDOI_SA_IPSEC, "replay counter window-size 65", PARSE_INVALID, 28, NULL},
    {MODE_GDOI_LOCAL_SERVER, "rekey retransmit 10 number 2", PARSE_OK, 0,
     "rekey retransmit 10 number 2"},
    /* access lists as IOS stores them */
    {MODE_CONFIG_STD_NACL, "permit 10.1.23.3", PARSE_OK, 0, "permit 10.1.23.3"},
    {MODE_CONFIG_STD_NACL, "permit host 10.1.23.3", PARSE_OK, 0, "permit 10.1.23.3"},
    {MODE_CONFIG_STD_NACL, "deny 10.1.2.3 0.0.0.255", PARSE_OK, 0, "deny   10.1.2.0 0.0.0.255"},
    {MODE_CONFIG_EXT_NACL, "deny udp any eq 848 any eq 848", PARSE_OK, 0,
     "deny   udp any eq 848 any eq 848"},
    {MODE_CONFIG_EXT_NACL, "permit ip 0.0.0.0 255.255.255.255 1.2.3.4 0.0.0.0", PARSE_OK, 0,
     "permit ip any host 1.2.3.4"},
    {MODE_CONFIG_EXT_NACL, "permit udp any eq 500 any", PARSE_OK, 0,
     "permit udp any eq isakmp any"},
    {MODE_CONFIG_EXT_NACL, "10 permit tcp host 1.1.1.1 range 20 21 any established", PARSE_OK, 0,
     "10 permit tcp host 1.1.1.1 range ftp-data ftp any established"},
    {MODE_CONFIG_EXT_NACL, "permit ip any", PARSE_INCOMPLETE, 0, NULL},
    {MODE_CONFIG_EXT_NACL, "permit ip any eq 5 any", PARSE_INVALID, 14, NULL},
    /* no, default */
    {MODE_CONFIG, "no crypto isakmp policy 10", PARSE_OK, 0, "crypto isakmp policy 10"},
    {MODE_CONFIG, "no crypto isakmp policy", PARSE_INCOMPLETE, 0, NULL},
    {MODE_CONFIG_IF, "no ip address", PARSE_OK, 0, "ip address"},
    {MODE_CONFIG_IF, "no shutdown", PARSE_OK, 0, "shutdown"},
    {MODE_CONFIG_IF, "default shutdown", PARSE_OK, 0, "shutdown"},
    {MODE_CONFIG, "no", PARSE_INCOMPLETE, 0, NULL},
    {MODE_CONFIG, "no hostname", PARSE_OK, 0, "hostname"},
    {MODE_CONFIG_EXT_NACL, "no 10", PARSE_OK, 0, "10"},
    {MODE_CONFIG_EXT_NACL, "10", PARSE_INCOMPLETE, 0, NULL},
    /* the caret stands where a word leaves the keyword that it is most like */
    {MODE_ENABLE, "show crypt0 isakmp sa", PARSE_INVALID, 10, NULL},
    {MODE_ENABLE, "show clockk", PARSE_INVALID, 10, NULL},
    {MODE_ENABLE, "show clck", PARSE_INVALID, 7, NULL},
    {MODE_ENABLE, "SHOW CLCK", PARSE_INVALID, 7, NULL},
    {MODE_ENABLE, "show unt", PARSE_INVALID, 6, NULL},
    {MODE_ENABLE, "sx", PARSE_INVALID, 1, NULL},
    {MODE_CONFIG_GDOI_GROUP, "server adress ipv4 1.1.1.1", PARSE_INVALID, 9, NULL},
    {MODE_CONFIG, "crypto isakmp policy 1o", PARSE_INVALID, 21, NULL},
    {MODE_GDOI_LOCAL_SERVER, "rekey transmit 10", PARSE_INVALID, 11, NULL},
    {MODE_CONFIG_ISAKMP, "auth preshare", PARSE_INVALID, 8, NULL},
    {MODE_CONFIG, "crypto ipsec transofmr-set T esp-3des", PARSE_INVALID, 18, NULL},
    {MODE_CONFIG, "no crypto gdoi grp G", PARSE_INVALID, 17, NULL},
    {MODE_ENABLE, "show run | inclode x", PARSE_INVALID, 15, NULL},
    /* `no` cut where the grammar says, and not where it could undo several things */
    {MODE_GDOI_SA_IPSEC, "no replay", PARSE_OK, 0, "replay"},
    {MODE_GDOI_SA_IPSEC, "no tag", PARSE_OK, 0, "tag"},
    {MODE_GDOI_SA_IPSEC, "replay", PARSE_INCOMPLETE, 0, NULL},
    {MODE_GDOI_LOCAL_SERVER, "no rekey lifetime", PARSE_OK, 0, "rekey lifetime"},
    {MODE_GDOI_LOCAL_SERVER, "no rekey", PARSE_INCOMPLETE, 0, NULL},
    {MODE_CONFIG_GDOI_GROUP, "no identity", PARSE_OK, 0, "identity"},
    {MODE_CONFIG_GDOI_GROUP, "no server address ipv4", PARSE_INCOMPLETE, 0, NULL},
    {MODE_CONFIG_IF, "no ip access-group", PARSE_INCOMPLETE, 0, NULL},
    {MODE_CONFIG_IF, "no crypto", PARSE_INCOMPLETE, 0, NULL},
    /* names, counts and masks */
    {MODE_CONFIG, "ip access-list standard 150", PARSE_INVALID, 24, NULL},
    {MODE_CONFIG, "ip access-list extended 50", PARSE_INVALID, 24, NULL},
    {MODE_CONFIG, "ip access-list extended 2000", PARSE_OK, 0, "ip access-list extended 2000"},
    {MODE_GDOI_SA_IPSEC, "match address ipv4 99", PARSE_INVALID, 19, NULL},
    {MODE_CONFIG, "line con 0", PARSE_OK, 0, "line con 0"},
    {MODE_CONFIG, "crypto isakmp key K address 1.2.3.4 255.255.255.255", PARSE_OK, 0,
     "crypto isakmp key K address 1.2.3.4"},
    {MODE_CONFIG, "crypto isakmp key K address 1.2.3.0 255.255.255.0", PARSE_OK, 0,
     "crypto isakmp key K address 1.2.3.0 255.255.255.0"},
    {MODE_IPSEC_PROFILE, "set transform-set A B C D E F", PARSE_OK, 0,
     "set transform-set A B C D E F"},
    {MODE_IPSEC_PROFILE, "set transform-set A B C D E F G", PARSE_INVALID, 30, NULL},
    {MODE_CONFIG_EXT_NACL, "permit udp any eq 11 12 14 15 16 17 18 20 21 22 any", PARSE_OK, 0,
     "permit udp any eq 11 12 14 15 16 17 18 20 21 22 any"},
    {MODE_CONFIG_EXT_NACL, "permit udp any eq 11 12 14 15 16 17 18 20 21 22 24 any", PARSE_INVALID,
     48, NULL},
    /* filters */
    {MODE_ENABLE, "show running-config | include crypto map", PARSE_OK, 0, "show running-config"},
    {MODE_ENABLE, "show run | sec interface", PARSE_OK, 0, "show running-config"},
    {MODE_ENABLE, "show run | bogus x", PARSE_INVALID, 12, NULL},
    {MODE_ENABLE, "show run |", PARSE_INCOMPLETE, 0, NULL},
    {MODE_ENABLE, "ping 1.1.1.1 | include x", PARSE_INVALID, 13, NULL},
};

static void
canonical_text(const struct command *c, char *buf, size_t size)
{
	size_t i, n = 0;

	*buf = '\0';
	for (i = 0; i < c->n && n < size; i++)
		if (*c->values[i].text)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? " " : "",
			                      c->values[i].text);
}

static void
lines_are_understood(void **state)
{
	char text[COMMAND_LINE_MAX];
	size_t i, column;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(examples); i++) {
		const struct example *e = &examples[i];
		struct arena *a = arena_new();
		struct command c;
		enum parse got = command_parse(e->mode, e->line, a, &c, &column);

		if (got != e->want)
			fail_msg("\"%s\": got %d, wanted %d", e->line, got, e->want);
		if (got == PARSE_INVALID && column != e->column)
			fail_msg("\"%s\": column %zu, wanted %zu", e->line, column, e->column);
		if (got == PARSE_OK) {
			canonical_text(&c, text, sizeof(text));
			assert_string_equal(text, e->canonical);
		}
		arena_free(a);
	}
}

static void
write_hint(void *arg, const char *word, const char *help)
{
	char *buf = arg;

	snprintf(buf + strlen(buf), 4096 - strlen(buf), "%s=%s\n", word, help);
}

static void
help_lists_what_may_follow(void **state)
{
	char buf[4096] = "";

	(void)state;
	assert_int_equal(command_help(MODE_CONFIG, "crypto isakmp policy ", write_hint, buf),
	                 PARSE_OK);
	assert_string_equal(buf, "<1-10000>=Priority of protection suite\n");
	*buf = '\0';
	command_help(MODE_CONFIG, "crypto isakmp policy 10 ", write_hint, buf);
	assert_string_equal(buf, "<cr>=\n");
	*buf = '\0';
	command_help(MODE_ENABLE, "show cry", write_hint, buf);
	assert_string_equal(buf, "crypto=Encryption module\n");
	*buf = '\0';
	command_help(MODE_ENABLE, "show privilege ", write_hint, buf);
	assert_string_equal(buf, "|=Output modifiers\n<cr>=\n");
	*buf = '\0';
	command_help(MODE_ENABLE, "show privilege | ", write_hint, buf);
	assert_non_null(strstr(buf, "section=Filter a section of output\n"));
	*buf = '\0';
	assert_int_equal(command_help(MODE_ENABLE, "show bogus ", write_hint, buf), PARSE_INVALID);
	assert_string_equal(buf, "");
	command_complete(MODE_CONFIG_IF, "ip add", write_hint, buf);
	assert_string_equal(buf, "address=Set the IP address of an interface\n");
	*buf = '\0';
	command_help(MODE_GDOI_SA_IPSEC, "", write_hint, buf);
	assert_string_equal(buf, "default=Set a command to its defaults\n"
	                         "do=To run exec commands in config mode\n"
	                         "end=Exit from configure mode\n"
	                         "exit=Exit from current mode\n"
	                         "match=Match characteristics of packets to encrypt\n"
	                         "no=Negate a command or set its defaults\n"
	                         "profile=Configure an ipsec profile for the SA\n"
	                         "replay=Set replay method\n"
	                         "tag=Set inline tagging method\n");
	*buf = '\0';
	command_complete(MODE_CONFIG, "n", write_hint, buf);
	assert_string_equal(buf, "no=Negate a command or set its defaults\n");
	*buf = '\0';
	command_help(MODE_GDOI_SA_IPSEC, "no replay ", write_hint, buf);
	assert_non_null(strstr(buf, "time="));
	assert_non_null(strstr(buf, "<cr>="));
	*buf = '\0';
	assert_int_equal(command_help(MODE_EXEC, "n", write_hint, buf), PARSE_INVALID);
}

/* Every element of every entry has help, and every mode answers an empty `?`. */
static void
every_word_has_help(void **state)
{
	uint16_t i;
	int mode;

	(void)state;
	for (i = 0; i < gram_entry_count; i++) {
		const struct gram_entry *e = &gram_entries[i];
		uint16_t j;

		for (j = e->elem; j < e->elem + e->n_elems; j++)
			assert_non_null(gram_elems[j].help);
	}
	for (mode = 0; mode < MODE_COUNT; mode++) {
		char buf[8192] = "";

		assert_int_equal(command_help((enum gram_mode)mode, "", write_hint, buf), PARSE_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_understood),
	    cmocka_unit_test(help_lists_what_may_follow),
	    cmocka_unit_test(every_word_has_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
