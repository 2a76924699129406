/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA as IKE has it: the test vectors of RFC 4754 8, and what is no signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>

#include "runtime/crypto/prf.h"
#include "runtime/crypto/sig_priv.h"
#include "tests/unit/hex.h"

/* RFC 4754 8.1 to 8.3; the payload has a header of 8 octets: its length, the method, zeros. */
static const struct vector {
	unsigned bits;
	const char *point;   /* the public key, uncompressed */
	const char *h;       /* the hash of "abc" */
	const char *payload; /* of IKEv2, with r and s */
} vectors[] = {
    /* clang-format off */
    {256,
     "042442A5CC0ECD015FA3CA31DC8E2BBC70BF42D60CBCA20085E0822CB04235E9"
     "706FC98BD7E50211A4A27102FA3549DF79EBCB4BF246B80945CDDFE7D509BBFD"
     "7D",
     "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
     "0000004800090000CB28E0999B9C7715FD0A80D8E47A77079716CBBF917DD72E"
     "97566EA1C066957C86FA3BB4E26CAD5BF90B7F81899256CE7594BB1EA0C89212"
     "748BFF3B3D5B0315"},
    {384,
     "0496281BF8DD5E0525CA049C048D345D3082968D10FEDF5C5ACA0C64E6465A97"
     "EA5CE10C9DFEC21797415710721F437922447688BA94708EB6E2E4D59F6AB6D7"
     "EDFF9301D249FE49C33096655F5D502FAD3D383B91C5E7EDAA2B714CC99D5743"
     "CA",
     "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED"
     "8086072BA1E7CC2358BAECA134C825A7",
     "00000068000A0000FB017B914E29149432D8BAC29A514640B46F53DDAB2C6994"
     "8084E2930F1C8F7E08E07C9C63F2D21A07DCB56A6AF56EB3B263A1305E057F98"
     "4D38726A1B46874109F417BCA112674C528262A40A629AF1CBB9F516CE0FA7D2"
     "FF630863A00E8B9F"},
    {521,
     "040151518F1AF0F563517EDD5485190DF95A4BF57B5CBA4CF2A9A3F6474725A3"
     "5F7AFE0A6DDEB8BEDBCD6A197E592D40188901CECD650699C9B5E456AEA5ADD1"
     "9052A8006F3B142EA1BFFF7E2837AD44C9E4FF6D2D34C73184BBAD90026DD5E6"
     "E85317D9DF45CAD7803C6C20035B2F3FF63AFF4E1BA64D1C077577DA3F4286C5"
     "8F0AEAE643",
     "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55"
     "D39A2192992A274FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54C"
     "A49F",
     "0000008C000B00000154FD3836AF92D0DCA57DD5341D3053988534FDE8318FC6"
     "AAAAB68E2E6F4339B19F2F281A7E0B22C269D93CF8794A9278880ED7DBB8D936"
     "2CAEACEE544320552251017705A7030290D1CEB605A9A1BB03FF9CDD521E87A6"
     "96EC926C8C10C8362DF4975367101F67D1CF9BCCBF2F3D239534FA509E70AAC8"
     "51AE01AAC68D62F866472660"},
    /* clang-format on */
};

static struct ec_key *
public_key(const struct vector *v)
{
	static const char *const groups[] = {"P-256", "P-384", "P-521"};
	const char *group = groups[v->bits == 256 ? 0 : v->bits == 384 ? 1 : 2];
	struct span point = hex_span(v->point);
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
	                                                        (char *)(uintptr_t)group, 0),
	                       OSSL_PARAM_construct_octet_string(
				   OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.p, point.n),
	                       OSSL_PARAM_construct_end()};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	assert_true(EVP_PKEY_fromdata_init(ctx) > 0);
	assert_true(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) > 0);
	EVP_PKEY_CTX_free(ctx);
	return ec_key_wrap(key);
}

static void
rfc4754_8_test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct ec_key *key = public_key(v);
		struct span payload = hex_span(v->payload);
		struct span sig = SPAN(payload.p + 8, payload.n - 8);
		uint8_t digest[HASH_SIZE_MAX];

		assert_non_null(key);
		assert_int_equal(ec_key_bits(key), v->bits);
		assert_int_equal(sig.n, 2 * ((v->bits + 7) / 8));
		HASH(ec_hash(v->bits), digest, SPAN("abc", 3));
		assert_memory_equal(digest, hex_span(v->h).p, hash_size(ec_hash(v->bits)));
		assert_true(ecdsa_verify(key, digest, sig));
		digest[0] ^= 1;
		assert_false(ecdsa_verify(key, digest, sig));
		ec_key_free(key);
	}
}

/* What is signed here has the form of the vectors, however small r and s happen to be. */
static void
rfc4754_7_r_and_s_have_their_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct ec_key *key = ec_key_generate(vectors[i].bits);
		uint8_t digest[HASH_SIZE_MAX] = {1}, sig[EC_SIG_MAX];
		size_t n = 2 * ((vectors[i].bits + 7) / 8);
		bool short_r = false;

		for (unsigned k = 0; k < 20000 && !short_r; k++) {
			digest[1] = (uint8_t)k;
			digest[2] = (uint8_t)(k >> 8);
			assert_int_equal(ecdsa_sign(key, digest, sig), n);
			assert_true(ecdsa_verify(key, digest, SPAN(sig, n)));
			short_r = sig[0] == 0;
		}
		assert_true(short_r);
		ec_key_free(key);
	}
}

static void
refuse_pair(const struct ec_key *key, const uint8_t *digest, const uint8_t *r, const uint8_t *s,
            size_t octets)
{
	uint8_t *sig = x_alloc(2 * octets);

	memcpy(sig, r, octets);
	memcpy(sig + octets, s, octets);
	assert_false(ecdsa_verify(key, digest, SPAN(sig, 2 * octets)));
	free(sig);
}

static void
no_signature(void **state)
{
	static const uint8_t zero[66], most[66] = {[0 ... 65] = 0xff};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct ec_key *key = public_key(&vectors[i]);
		struct span payload = hex_span(vectors[i].payload), h = hex_span(vectors[i].h);
		const uint8_t *r = payload.p + 8;
		size_t octets = (payload.n - 8) / 2;

		refuse_pair(key, h.p, zero, r + octets, octets);
		refuse_pair(key, h.p, r, zero, octets);
		refuse_pair(key, h.p, zero, zero, octets);
		refuse_pair(key, h.p, most, r + octets, octets);
		refuse_pair(key, h.p, r, most, octets);
		refuse_pair(key, h.p, r + octets, r, octets);
		/* of every other length */
		for (size_t n = 0; n < 2 * octets + 4; n++) {
			uint8_t *cut = x_alloc(n);

			memcpy(cut, r, n < 2 * octets ? n : 2 * octets);
			assert_int_equal(ecdsa_verify(key, h.p, SPAN(cut, n)), n == 2 * octets);
			free(cut);
		}
		ec_key_free(key);
	}
}

static void
keys_as_text(void **state)
{
	(void)state;
	assert_null(ec_key_generate(0));
	assert_null(ec_key_generate(224));
	assert_null(ec_key_generate(512));
	assert_int_equal(ec_hash(512), HASH_NONE);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct ec_key *key = ec_key_generate(vectors[i].bits), *back, *other;
		struct secret pem = {0};
		uint8_t digest[HASH_SIZE_MAX] = {0}, sig[EC_SIG_MAX];
		size_t n;

		ec_key_private_pem(key, &pem);
		back = ec_key_from_pem(secret_span(&pem));
		assert_non_null(back);
		assert_null(rsa_key_from_pem(secret_span(&pem)));
		n = ecdsa_sign(back, digest, sig);
		other = ec_key_ref(key);
		assert_true(ecdsa_verify(other, digest, SPAN(sig, n)));
		secret_fini(&pem);
		ec_key_free(key);
		ec_key_free(back);
		ec_key_free(other);
	}
	assert_null(ec_key_from_pem(SPAN("-----BEGIN PRIVATE KEY-----\n", 28)));
	ec_key_free(NULL);
}

/* RFC 5480 2.1.1: neither a curve that is spelt out, nor one that IKE has no method for. */
static void
rfc5480_2_1_1_named_curves(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("brainpoolP256r1");
	struct secret pem = {0};

	(void)state;
	assert_true(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit"));
	sig_evp_private_pem(key, &pem);
	assert_null(ec_key_from_pem(secret_span(&pem)));
	assert_int_equal(ec_evp_bits(other), 0);
	assert_null(ec_key_wrap(other));
	secret_fini(&pem);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4754_8_test_vectors),
	    cmocka_unit_test(rfc4754_7_r_and_s_have_their_length),
	    cmocka_unit_test(no_signature),
	    cmocka_unit_test(keys_as_text),
	    cmocka_unit_test(rfc5480_2_1_1_named_curves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
