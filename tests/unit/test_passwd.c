/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords as IOS stores them: published texts, and every form there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/crypto/passwd.h"
#include "runtime/crypto/random.h"

static const struct {
	enum passwd_type type;
	const char *stored, *clear;
} published[] = {
    {PASSWD_CLEAR, "cisco", "cisco"},
    /* `openssl passwd -1 -salt SALT PASSWORD` */
    {PASSWD_MD5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "cisco"},
    {PASSWD_MD5, "$1$mERr$A419.HL58lq743wXS4kSM1", "dolphinsforever"},
    {PASSWD_MD5, "$1$mERr$yhf7f2RnC74CxKANvoekD.", "P@ssw0rd!1"},
    {PASSWD_HIDDEN, "070C285F4D06", "cisco"},
    {PASSWD_HIDDEN, "062506324f41584b5643", "Cisco1234"},
    {PASSWD_PBKDF2, "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs", "cisco"},
    {PASSWD_PBKDF2, "$8$J5J/1K3e8gk974$HRezVpnMZOhOU2uxFTv.79S1U1PpMScizwXS3Z1Dx1s", "cisco123"},
    {PASSWD_SCRYPT, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM", "cisco"},
    {PASSWD_SCRYPT, "$9$ihSswXDbk0kaVK$o.uyR2nMrWtjMkrQwBXUR5lVuVt/KzG23rmYvshODXI", "cisco123"},
};

static void
test_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(published); i++) {
		enum passwd_type type = published[i].type;
		char *off = strdup(published[i].stored);

		assert_true(passwd_valid(type, published[i].stored));
		assert_true(passwd_verify(type, published[i].stored, published[i].clear));
		assert_false(passwd_verify(type, published[i].stored, "Cisco"));
		assert_false(passwd_verify(type, published[i].stored, ""));
		off[strlen(off) - 1] ^= 1;
		assert_false(passwd_verify(type, off, published[i].clear));
		free(off);
	}
}

static void
fill_text(char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text[i] = (char)(' ' + (i * 31 + n) % 95);
	text[n] = '\0';
}

static void
test_there_and_back(void **state)
{
	char clear[PASSWD_MAX + 2], stored[PASSWD_TEXT_MAX], back[PASSWD_MAX + 1];

	(void)state;
	for (size_t n = 0; n <= PASSWD_MAX; n++) {
		fill_text(clear, n);
		assert_true(passwd_hide(clear, stored));
		assert_true(passwd_show(stored, back));
		assert_string_equal(back, clear);
	}
	fill_text(clear, PASSWD_MAX + 1);
	assert_false(passwd_hide(clear, stored));
	assert_false(passwd_hash(PASSWD_SCRYPT, clear, stored));
}

static void
test_hash(void **state)
{
	static const enum passwd_type types[] = {PASSWD_MD5, PASSWD_PBKDF2, PASSWD_SCRYPT};
	static const size_t lengths[] = {0, 1, 8, 15, 16, 17, 64, PASSWD_MAX};
	char clear[PASSWD_MAX + 1], one[PASSWD_TEXT_MAX], two[PASSWD_TEXT_MAX];

	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(types); t++)
		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
			fill_text(clear, lengths[i]);
			assert_true(passwd_hash(types[t], clear, one));
			assert_true(passwd_hash(types[t], clear, two));
			assert_string_not_equal(one, two); /* another salt */
			assert_true(passwd_valid(types[t], one));
			assert_true(passwd_verify(types[t], one, clear));
			assert_false(passwd_verify(types[t], one, "no"));
		}
	assert_false(passwd_hash(PASSWD_CLEAR, "x", one));
	assert_false(passwd_hash(PASSWD_SHA256, "x", one));
	assert_false(passwd_hash((enum passwd_type)6, "x", one));
}

static void
test_invalid(void **state)
{
	static const struct {
		enum passwd_type type;
		const char *text;
	} cases[] = {
	    {PASSWD_MD5, "cisco"},
	    {PASSWD_MD5, "$1$"},
	    {PASSWD_MD5, "$1$$hx5rVt7rPNoS4wqbXKX7m0"},
	    {PASSWD_MD5, "$1$ninechars$hx5rVt7rPNoS4wqbXKX7m0"},
	    {PASSWD_MD5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m"},
	    {PASSWD_MD5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m00"},
	    {PASSWD_PBKDF2, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM"},
	    {PASSWD_SCRYPT, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxk!M"},
	    {PASSWD_HIDDEN, ""},
	    {PASSWD_HIDDEN, "0"},
	    {PASSWD_HIDDEN, "071"},
	    {PASSWD_HIDDEN, "99AA"},
	    {PASSWD_HIDDEN, "0xAA"},
	    {PASSWD_HIDDEN, "07zz"},
	    {PASSWD_SHA256, "LcV6aBcc/53FoCJjXQMd7rBUDEpeevrK8V5jQVoJEh"},
	    {(enum passwd_type)99, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(passwd_valid(cases[i].type, cases[i].text));
		assert_false(passwd_verify(cases[i].type, cases[i].text, "cisco"));
	}
}

/* Every beginning of what is valid, in a block of exactly its size: nothing reads past it. */
static void
test_cut(void **state)
{
	char clear[PASSWD_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(published); i++)
		for (size_t n = 0; n < strlen(published[i].stored); n++) {
			char *cut = strndup(published[i].stored, n);

			passwd_valid(published[i].type, cut);
			passwd_show(cut, clear);
			free(cut);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_published), cmocka_unit_test(test_there_and_back),
	    cmocka_unit_test(test_hash),      cmocka_unit_test(test_invalid),
	    cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
