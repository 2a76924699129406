/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs as text and back; text that is none is refused whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/crypto/ecdsa.h"
#include "runtime/crypto/key_pem.h"
#include "runtime/crypto/secret.h"
#include "runtime/node/keystore.h"

static void
text_and_back(void **state)
{
	struct keystore *ks = keystore_new(), *back = keystore_new();
	struct arena *a = arena_new();
	struct secret text = {0};

	(void)state;
	assert_int_equal(keystore_generate(ks, "GET_KEY", 1024, false, 1234567), 0);
	assert_int_equal(keystore_generate(ks, "B", 512, true, 42), 0);
	keystore_write(ks, &text);
	assert_true(keystore_read(back, secret_span(&text)));
	assert_int_equal(keystore_count(back), 2);
	for (size_t i = 0; i < 2; i++) {
		struct keystore_entry x = keystore_at(ks, i), y = keystore_at(back, i);
		struct span dx = keystore_public_der(&x, a), dy = keystore_public_der(&y, a);

		assert_string_equal(x.label, y.label);
		assert_int_equal(x.created, y.created);
		assert_int_equal(x.exportable, y.exportable);
		assert_int_equal(dx.n, dy.n);
		assert_memory_equal(dx.p, dy.p, dx.n);
	}
	arena_free(a);
	secret_fini(&text);
	keystore_free(ks);
	keystore_free(back);
}

/* Either kind may have a pair of one label; that an export is forbidden is kept, and for good. */
static void
looked_up(void **state)
{
	struct keystore *ks = keystore_new(), *back = keystore_new();
	struct secret text = {0};
	struct keystore_entry e;

	(void)state;
	assert_int_equal(keystore_generate(ks, "A", 512, true, 1), 0);
	keystore_adopt_ec(ks, "A", ec_key_generate(256), true, 2);
	assert_true(keystore_look(ks, false, "A", &e) && e.key && !e.ec && e.exportable);
	assert_true(keystore_look(ks, true, "A", &e) && e.ec && !e.key && e.exportable);
	assert_false(keystore_look(ks, true, "B", &e));
	assert_false(keystore_forbid_export(ks, false, "B"));
	assert_true(keystore_forbid_export(ks, false, "A"));
	keystore_write(ks, &text);
	assert_true(keystore_read(back, secret_span(&text)));
	assert_true(keystore_look(back, false, "A", &e) && !e.exportable);
	assert_true(keystore_look(back, true, "A", &e) && e.exportable);
	secret_fini(&text);
	keystore_free(ks);
	keystore_free(back);
}

/* A key under a passphrase is none of ours, and nobody at the terminal is asked for it. */
static void
under_passphrase(void **state)
{
	static const char head[] = "key A 0 1\n";
	struct keystore *ks = keystore_new();
	struct rsa_key *rsa = rsa_key_generate(512);
	char *pem =
	    key_pem_private((struct key_pair){.rsa = rsa}, KEY_PEM_AES, SPAN("12345678", 8));
	char *text = calloc(1, strlen(pem) + sizeof(head));

	(void)state;
	strcpy(text, head);
	strcat(text, pem);
	assert_false(keystore_read(ks, SPAN(text, strlen(text))));
	assert_int_equal(keystore_count(ks), 0);
	free(text);
	free(pem);
	rsa_key_free(rsa);
	keystore_free(ks);
}

static void
other_keys(void **state)
{
	static const char a[] = "-----BEGIN A-----\nAAAA\n-----END A-----\n",
			  b[] = "-----BEGIN B-----\nBB\nBB\n-----END B-----\n";
	struct keystore *ks = keystore_new(), *back = keystore_new(), *copy;
	struct secret text = {0};
	struct keystore_text t;

	(void)state;
	assert_int_equal(keystore_generate(ks, "R", 512, false, 1), 0);
	keystore_put_text(ks, "X", "ed25519", SPAN(a, strlen(a)), 7);
	keystore_put_text(ks, "Y", "crl", SPAN(a, strlen(a)), 8);
	keystore_put_text(ks, "Y", "other", SPAN(b, strlen(b)), 9);
	keystore_write(ks, &text);
	assert_true(keystore_read(back, secret_span(&text)));
	copy = keystore_clone(back);
	assert_int_equal(keystore_count(copy), 1);
	assert_int_equal(keystore_text_count(copy), 2);
	t = keystore_text_at(copy, 1);
	assert_string_equal(t.label, "Y");
	assert_string_equal(t.kind, "other");
	assert_int_equal(t.created, 9);
	assert_int_equal(t.text.n, strlen(b));
	assert_memory_equal(t.text.p, b, t.text.n);
	assert_true(keystore_remove_text(copy, "X"));
	assert_false(keystore_remove_text(copy, "X"));
	assert_true(keystore_remove(copy, NULL));
	assert_int_equal(keystore_text_count(copy), 1);
	secret_fini(&text);
	keystore_free(ks);
	keystore_free(back);
	keystore_free(copy);
}

/* Each kind has labels of its own; the text says by the key itself of which kind it is. */
static void
ec_pairs(void **state)
{
	struct keystore *ks = keystore_new(), *back = keystore_new(), *copy;
	struct arena *a = arena_new();
	struct secret text = {0};

	(void)state;
	assert_int_equal(keystore_generate(ks, "K", 512, false, 1), 0);
	keystore_adopt_ec(ks, "K", ec_key_generate(256), true, 2);
	keystore_adopt_ec(ks, "K", ec_key_generate(521), true, 3);
	keystore_adopt_ec(ks, "A", ec_key_generate(384), false, 4);
	keystore_write(ks, &text);
	assert_true(keystore_read(back, secret_span(&text)));
	copy = keystore_clone(back);
	assert_int_equal(keystore_count(copy), 1);
	assert_int_equal(keystore_ec_count(copy), 2);
	for (size_t i = 0; i < 2; i++) {
		struct keystore_entry x = keystore_ec_at(ks, i), y = keystore_ec_at(copy, i);
		struct span dx = keystore_public_der(&x, a), dy = keystore_public_der(&y, a);

		assert_string_equal(y.label, i ? "K" : "A");
		assert_int_equal(y.bits, i ? 521 : 384);
		assert_int_equal(y.exportable, i == 1);
		assert_int_equal(y.created, i ? 3 : 4);
		assert_null(y.key);
		assert_int_equal(dx.n, dy.n);
		assert_memory_equal(dx.p, dy.p, dx.n);
	}
	assert_ptr_equal(keystore_find_ec(copy, "A"), keystore_ec_at(copy, 0).ec);
	assert_null(keystore_find_ec(copy, "B"));
	assert_true(keystore_remove_ec(copy, "K"));
	assert_false(keystore_remove_ec(copy, "K"));
	assert_non_null(keystore_find(copy, "K"));
	arena_free(a);
	secret_fini(&text);
	keystore_free(ks);
	keystore_free(back);
	keystore_free(copy);
}

/* EC keys of an older key file, where they were texts that libssh alone could read. */
static void
ec_texts_of_before(void **state)
{
	struct keystore *ks = keystore_new();
	struct ec_key *key = ec_key_generate(384);
	struct secret pem = {0};
	char *text;

	(void)state;
	ec_key_private_pem(key, &pem);
	text = x_asprintf("other E ec384 9\n%.*s", (int)pem.n, (const char *)pem.p);
	assert_true(keystore_read(ks, SPAN(text, strlen(text))));
	assert_int_equal(keystore_text_count(ks), 0);
	assert_non_null(keystore_find_ec(ks, "E"));
	assert_int_equal(keystore_ec_at(ks, 0).created, 9);
	free(text);
	secret_fini(&pem);
	ec_key_free(key);
	keystore_free(ks);
}

static void
nonsense_changes_nothing(void **state)
{
	static const char *const texts[] = {
	    "hello\n",
	    "key X 0 1\n",
	    "key X 0 1\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	    "key X 0 1\n-----END",
	};
	struct keystore *ks = keystore_new();
	struct secret text = {0};

	(void)state;
	assert_int_equal(keystore_generate(ks, "KEPT", 512, false, 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_false(keystore_read(ks, SPAN(texts[i], strlen(texts[i]))));
	keystore_write(ks, &text);
	for (size_t n = 1; n < text.n - 1; n++) {
		uint8_t *cut = x_memdup(text.p, n);

		if (keystore_read(ks, SPAN(cut, n)))
			fail_msg("taken when cut to %zu of %zu octets", n, text.n);
		free(cut);
	}
	assert_non_null(keystore_find(ks, "KEPT"));
	assert_true(keystore_read(ks, SPAN("", 0)));
	assert_int_equal(keystore_count(ks), 0);
	secret_fini(&text);
	keystore_free(ks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_and_back),
	    cmocka_unit_test(looked_up),
	    cmocka_unit_test(under_passphrase),
	    cmocka_unit_test(other_keys),
	    cmocka_unit_test(ec_pairs),
	    cmocka_unit_test(ec_texts_of_before),
	    cmocka_unit_test(nonsense_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
