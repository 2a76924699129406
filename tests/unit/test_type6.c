/* SPDX-License-Identifier: Apache-2.0 */
/* Type 6 passwords: what routers have made of known words, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/crypto/random.h"
#include "runtime/crypto/type6.h"

static bool
decrypt_text(const char *master, const char *text, char *clear)
{
	return type6_decrypt(SPAN(master, strlen(master)), text, clear);
}

static void
test_of_routers(void **state)
{
	char clear[TYPE6_CLEAR_MAX + 1];

	(void)state;
	assert_true(decrypt_text("Cisco123", "fe_a`iJYE\\DZYJhDhTP[`MYaTgRH_MAAB", clear));
	assert_string_equal(clear, "Cisco123");
	assert_true(decrypt_text("mySecretMasterkey",
	                         "XOUDEUYHeLGdB`UAZKX\\GK[iEgCWMZXEXN^dTGZ[UAAAB", clear));
	assert_string_equal(clear, "mySecretPassword");
	assert_false(decrypt_text("cisco123", "fe_a`iJYE\\DZYJhDhTP[`MYaTgRH_MAAB", clear));
	assert_string_equal(clear, "");
}

static void
test_round_trip(void **state)
{
	const struct span master = SPAN("master key", 10);
	char text[TYPE6_TEXT_MAX], other[TYPE6_TEXT_MAX], clear[TYPE6_CLEAR_MAX + 1];
	char word[TYPE6_CLEAR_MAX + 1];

	(void)state;
	memset(word, 'x', sizeof(word));
	for (size_t n = 1; n <= TYPE6_CLEAR_MAX; n++) {
		assert_true(type6_encrypt(master, SPAN(word, n), text));
		assert_true(type6_valid(text));
		assert_true(type6_decrypt(master, text, clear));
		assert_int_equal(strlen(clear), n);
		assert_memory_equal(clear, word, n);
	}
	assert_true(type6_encrypt(master, SPAN("word", 4), text));
	assert_true(type6_encrypt(master, SPAN("word", 4), other));
	assert_string_not_equal(text, other);
	assert_false(type6_encrypt(master, SPAN(word, sizeof(word)), text));
	assert_false(type6_encrypt(master, SPAN("", 0), text));
}

static void
test_bad(void **state)
{
	static const char *const bad[] = {"",
	                                  "A",
	                                  "AAB",
	                                  "AAAAAAAAAAAAAAAAAAAAAB",
	                                  "fe_a`iJYE\\DZYJhDhTP[`MYaTgRH_MAA",
	                                  "fe_a`iJYE\\DZYJhDhTP[`MYaTgRH_MAAj",
	                                  "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii",
	                                  "fe_a iJYE\\DZYJhDhTP[`MYaTgRH_MAAB"};
	char text[TYPE6_TEXT_MAX + 8], clear[TYPE6_CLEAR_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(type6_valid(bad[i]));
		assert_false(decrypt_text("Cisco123", bad[i], clear));
	}
	memset(text, 'A', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (size_t n = sizeof(text); n-- > 0;) { /* of every length */
		text[n] = '\0';
		decrypt_text("Cisco123", text, clear);
	}
	/* one character changed is noticed, wherever it is */
	for (size_t i = 0; i < 30; i++) {
		char t[] = "fe_a`iJYE\\DZYJhDhTP[`MYaTgRH_MAAB";

		t[i] = t[i] == 'B' ? 'C' : 'B';
		assert_false(decrypt_text("Cisco123", t, clear));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_of_routers),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_bad),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
