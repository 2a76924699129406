/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 by OpenSSL: see cert.h. */
#include "runtime/crypto/cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "runtime/crypto/cert_priv.h"
#include "runtime/crypto/digest.h"
#include "runtime/crypto/sig_priv.h"

static bool
is_known_key(const EVP_PKEY *key)
{
	return key && (EVP_PKEY_is_a(key, "RSA") || (EVP_PKEY_is_a(key, "EC") && ec_is_named(key)));
}

static struct cert *
wrap_x509(X509 *x)
{
	struct cert *c;
	int n;

	if (!is_known_key(x ? X509_get0_pubkey(x) : NULL)) {
		X509_free(x);
		return NULL;
	}
	c = x_alloc(sizeof(*c));
	c->x509 = x;
	n = i2d_X509(x, &c->der);
	c->der_size = n > 0 ? (size_t)n : 0;
	n = i2d_X509_NAME(X509_get_subject_name(x), &c->subject);
	c->subject_size = n > 0 ? (size_t)n : 0;
	if (c->der_size && c->subject_size)
		return c;
	cert_free(c);
	return NULL;
}

struct cert *
cert_from_der(struct span der)
{
	const unsigned char *p = der.p;
	X509 *x;

	if (!der.n || der.n > CERT_SIZE_MAX)
		return NULL;
	x = d2i_X509(NULL, &p, (long)der.n);
	if (x && p != der.p + der.n) {
		X509_free(x);
		return NULL;
	}
	return wrap_x509(x);
}

struct cert *
cert_from_pem(struct span pem)
{
	BIO *bio = pem.n && pem.n < INT32_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, sig_no_passphrase, NULL) : NULL;

	BIO_free(bio);
	return wrap_x509(x);
}

char *
cert_text(const struct span *ders, size_t n)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *from, *text;
	long size;

	for (size_t i = 0; bio && i < n; i++) {
		struct cert *c = cert_from_der(ders[i]);

		if (c)
			PEM_write_bio_X509(bio, c->x509);
		cert_free(c);
	}
	size = bio ? BIO_get_mem_data(bio, &from) : 0;
	text = x_alloc((size_t)size + 1);
	if (size > 0)
		memcpy(text, from, (size_t)size);
	BIO_free(bio);
	return text;
}

void
cert_free(struct cert *c)
{
	if (!c)
		return;
	X509_free(c->x509);
	OPENSSL_free(c->der);
	OPENSSL_free(c->subject);
	free(c);
}

struct span
cert_der(const struct cert *c)
{
	return SPAN(c->der, c->der_size);
}

struct span
cert_subject_der(const struct cert *c)
{
	return SPAN(c->subject, c->subject_size);
}

bool
cert_is_ca(const struct cert *c)
{
	return X509_check_ca(c->x509) > 0;
}

void
cert_integer_text(const ASN1_INTEGER *number, char *ret, size_t n)
{
	BIGNUM *bn = number ? ASN1_INTEGER_to_BN(number, NULL) : NULL;
	char *hex = bn ? BN_bn2hex(bn) : NULL;

	strncpy(ret, hex ? hex : "00", n - 1);
	ret[n - 1] = 0;
	OPENSSL_free(hex);
	BN_free(bn);
}

void
cert_serial_text(const struct cert *c, char *ret, size_t n)
{
	cert_integer_text(X509_get0_serialNumber(c->x509), ret, n);
}

void
cert_name_text(const X509_NAME *name, char *ret, size_t n)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int got = 0;

	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) > 0)
		got = BIO_read(bio, ret, (int)n - 1);
	ret[got > 0 ? got : 0] = 0;
	BIO_free(bio);
}

void
cert_subject_text(const struct cert *c, char *ret, size_t n)
{
	cert_name_text(X509_get_subject_name(c->x509), ret, n);
}

void
cert_issuer_text(const struct cert *c, char *ret, size_t n)
{
	cert_name_text(X509_get_issuer_name(c->x509), ret, n);
}

void
cert_fingerprint_text(const struct cert *c, enum hash_id h, char ret[CERT_FINGERPRINT_MAX])
{
	uint8_t digest[HASH_SIZE_MAX];
	size_t n = HASH(h, digest, cert_der(c));

	for (size_t i = 0; i < n; i++)
		ret += sprintf(ret, "%s%02X", i && i % 4 == 0 ? " " : "", digest[i]);
}

int64_t
cert_seconds(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;

	if (epoch)
		ASN1_TIME_diff(&days, &seconds, epoch, t);
	ASN1_TIME_free(epoch);
	return (int64_t)days * 86400 + seconds;
}

int64_t
cert_not_before(const struct cert *c)
{
	return cert_seconds(X509_get0_notBefore(c->x509));
}

int64_t
cert_not_after(const struct cert *c)
{
	return cert_seconds(X509_get0_notAfter(c->x509));
}

bool
cert_is_rsa(const struct cert *c)
{
	return EVP_PKEY_is_a(X509_get0_pubkey(c->x509), "RSA");
}

bool
cert_is_self_signed(const struct cert *c)
{
	return X509_self_signed(c->x509, 0) == 1;
}

bool
cert_issued_by(const struct cert *c, const struct cert *ca)
{
	return X509_check_issued(ca->x509, c->x509) == X509_V_OK;
}

unsigned
cert_ec_bits(const struct cert *c)
{
	return ec_evp_bits(X509_get0_pubkey(c->x509));
}

/* The caller's. */
static EVP_PKEY *
public_key_ref(const struct cert *c)
{
	EVP_PKEY *key = X509_get0_pubkey(c->x509);

	return EVP_PKEY_up_ref(key) ? key : NULL;
}

struct rsa_key *
cert_rsa_key(const struct cert *c)
{
	return rsa_key_wrap(public_key_ref(c));
}

struct ec_key *
cert_ec_key(const struct cert *c)
{
	return ec_key_wrap(public_key_ref(c));
}

static EVP_PKEY *
pair_evp(struct key_pair key)
{
	return key.rsa ? rsa_key_evp(key.rsa) : key.ec ? ec_key_evp(key.ec) : NULL;
}

bool
cert_fits(const struct cert *c, struct key_pair key)
{
	EVP_PKEY *evp = pair_evp(key);

	return evp && EVP_PKEY_eq(X509_get0_pubkey(c->x509), evp) == 1;
}

/* --- trust ------------------------------------------------------------------------------------ */

/* RFC 5280 4.2.1.3: a certificate that says nothing may do everything. */
static bool
may_sign(X509 *x)
{
	return X509_get_key_usage(x) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
}

/* True when the context is ready: whom it trusts, and what may stand between. */
static bool
prepare_check(X509_STORE_CTX *ctx, X509_STORE *store, const struct cert *c, struct cert_list cas,
              STACK_OF(X509) * between, struct cert_list chain)
{
	for (size_t i = 0; i < cas.n; i++)
		X509_STORE_add_cert(store, cas.certs[i]->x509);
	for (size_t i = 0; i < chain.n; i++)
		if (!sk_X509_push(between, chain.certs[i]->x509))
			return false;
	/* A CA that the administrator named is trusted whoever signed it. */
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_set_depth(store, CERT_DEPTH_MAX);
	return X509_STORE_CTX_init(ctx, store, c->x509, between) == 1;
}

const char *
cert_verify(const struct cert *c, struct cert_list cas, struct cert_list chain,
            struct crl_check *crls, int64_t now)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *between = sk_X509_new_null();
	const char *why = "the certificate cannot be checked";

	if (store && ctx && between && prepare_check(ctx, store, c, cas, between, chain)) {
		X509_STORE_CTX_set_time(ctx, 0, (time_t)now);
		why = X509_verify_cert(ctx) == 1
		          ? NULL
		          : X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx));
		if (!why && !may_sign(c->x509))
			why = "its key usage does not allow signatures";
		if (!why && crls)
			why = crl_refuses_chain(crls, X509_STORE_CTX_get0_chain(ctx), now);
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_free(between);
	return why;
}

/* --- names ------------------------------------------------------------------------------------ */

static struct span
octets_of(const ASN1_STRING *s)
{
	return SPAN(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

/* Those of one type in the subjectAltName, one after the other; *at begins at 0. */
static bool
next_alt(const GENERAL_NAMES *names, int type, int *at, struct span *ret)
{
	while (*at < sk_GENERAL_NAME_num(names)) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, (*at)++);

		if (name->type != type)
			continue;
		*ret = octets_of(type == GEN_IPADD ? name->d.iPAddress : name->d.ia5);
		return true;
	}
	return false;
}

/* True when it is this IPv4 address, in the order of the network. */
static bool
is_address(struct span s, uint32_t addr)
{
	return s.n == 4 && ((uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 |
	                    (uint32_t)s.p[2] << 8 | s.p[3]) == addr;
}

static GENERAL_NAMES *
alt_names(const struct cert *c)
{
	return X509_get_ext_d2i(c->x509, NID_subject_alt_name, NULL, NULL);
}

bool
cert_has_address(const struct cert *c, uint32_t addr, bool *ret_any)
{
	GENERAL_NAMES *names = alt_names(c);
	bool found = false;
	struct span s;
	int at = 0;

	*ret_any = false;
	while (next_alt(names, GEN_IPADD, &at, &s)) {
		*ret_any = true;
		found |= is_address(s, addr);
	}
	GENERAL_NAMES_free(names);
	return found;
}

/* A name that holds a NUL octet is not valid. */
static bool
is_text(struct span s)
{
	return s.n && !memchr(s.p, 0, s.n);
}

bool
cert_has_dns_name(const struct cert *c, struct span name)
{
	GENERAL_NAMES *names = alt_names(c);
	bool found = false;
	struct span s;
	int at = 0;

	while (next_alt(names, GEN_DNS, &at, &s))
		found |= is_text(s) && s.n == name.n &&
		         strncasecmp((const char *)s.p, (const char *)name.p, s.n) == 0;
	GENERAL_NAMES_free(names);
	return found;
}

char *
cert_dns_names(const struct cert *c)
{
	GENERAL_NAMES *names = alt_names(c);
	char *text = x_alloc(c->der_size + 2); /* they all stand in it */
	struct span s;
	size_t n = 0;
	int at = 0;

	while (next_alt(names, GEN_DNS, &at, &s))
		if (is_text(s)) {
			memcpy(text + n, s.p, s.n);
			n += s.n + 1;
		}
	GENERAL_NAMES_free(names);
	return x_realloc(text, n + 1);
}

static const char *
canonical_name(struct arena *a, const X509_NAME *name)
{
	const char *dn = "";

	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		const X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
		const ASN1_OBJECT *type = X509_NAME_ENTRY_get_object(e);
		unsigned char *value = NULL;
		int n = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(e));
		char key[80];

		if (OBJ_obj2nid(type) != NID_undef)
			snprintf(key, sizeof(key), "%s", OBJ_nid2sn(OBJ_obj2nid(type)));
		else
			OBJ_obj2txt(key, sizeof(key), type, 1);
		dn_component(a, &dn, key, value ? value : (const unsigned char *)"",
		             n > 0 ? (size_t)n : 0);
		OPENSSL_free(value);
	}
	return dn;
}

static void
canonical_alts(const struct cert *c, struct arena *a, struct cert_facts *ret)
{
	static const int types[] = {GEN_IPADD, GEN_DNS, GEN_EMAIL};
	GENERAL_NAMES *names = alt_names(c);
	int most = sk_GENERAL_NAME_num(names);
	const char **alt = arena_alloc(a, (most > 0 ? (size_t)most : 0) * sizeof(*alt));
	struct span s;

	ret->alt = alt;
	for (size_t t = 0; t < ARRAY_SIZE(types); t++)
		for (int at = 0; next_alt(names, types[t], &at, &s);) {
			if (types[t] == GEN_IPADD && s.n == 4)
				alt[ret->n_alt++] =
				    arena_printf(a, "%u.%u.%u.%u", s.p[0], s.p[1], s.p[2], s.p[3]);
			else if (types[t] != GEN_IPADD && is_text(s))
				alt[ret->n_alt++] =
				    dn_fold(a, arena_strndup(a, (const char *)s.p, s.n));
		}
	GENERAL_NAMES_free(names);
}

void
cert_facts(const struct cert *c, struct arena *a, struct cert_facts *ret)
{
	char serial[64];

	cert_serial_text(c, serial, sizeof(serial));
	*ret = (struct cert_facts){
	    .subject = canonical_name(a, X509_get_subject_name(c->x509)),
	    .issuer = canonical_name(a, X509_get_issuer_name(c->x509)),
	    .serial = arena_strdup(a, serial + strspn(serial, "0")),
	    .not_before = cert_not_before(c),
	    .not_after = cert_not_after(c),
	};
	canonical_alts(c, a, ret);
}

/* --- requests --------------------------------------------------------------------------------- */

/* "cn=R3, o=Lab": the names in upper case are OpenSSL's short ones. */
static X509_NAME *
name_parse(const char *text)
{
	X509_NAME *name = X509_NAME_new();
	bool good = name != NULL;

	while (good && *text) {
		char key[16], value[128];
		size_t n;

		text += strspn(text, " ,");
		n = strcspn(text, "=");
		if (!n || n >= sizeof(key) || text[n] != '=')
			break;
		for (size_t i = 0; i < n; i++)
			key[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
		key[n] = 0;
		text += n + 1;
		n = strcspn(text, ",");
		good = n > 0 && n < sizeof(value);
		if (!good)
			break;
		memcpy(value, text, n);
		value[n] = 0;
		text += n;
		good = X509_NAME_add_entry_by_txt(name, key, MBSTRING_UTF8,
		                                  (const unsigned char *)value, -1, -1, 0) == 1;
	}
	if (good && !*text && X509_NAME_entry_count(name))
		return name;
	X509_NAME_free(name);
	return NULL;
}

static bool
add_address(X509_REQ *req, uint32_t addr)
{
	char text[ADDR_TEXT_MAX], value[ADDR_TEXT_MAX + 4];
	X509_EXTENSION *ext;
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	bool good = false;

	snprintf(value, sizeof(value), "IP:%s", addr_text(addr, text));
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
	if (exts && ext && sk_X509_EXTENSION_push(exts, ext)) {
		ext = NULL;
		good = X509_REQ_add_extensions(req, exts) == 1;
	}
	X509_EXTENSION_free(ext);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return good;
}

char *
cert_request(struct key_pair key, const char *subject, uint32_t addr)
{
	EVP_PKEY *evp = pair_evp(key);
	enum hash_id hash = key.ec ? ec_hash(ec_key_bits(key.ec)) : HASH_SHA256;
	X509_REQ *req = X509_REQ_new();
	X509_NAME *name = name_parse(subject);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL, *data;
	long n;

	if (req && name && bio && evp && X509_REQ_set_subject_name(req, name) &&
	    X509_REQ_set_pubkey(req, evp) && (!addr || add_address(req, addr)) &&
	    X509_REQ_sign(req, evp, digest_get(hash)) > 0 && PEM_write_bio_X509_REQ(bio, req) &&
	    (n = BIO_get_mem_data(bio, &data)) > 0) {
		text = x_alloc((size_t)n + 1);
		memcpy(text, data, (size_t)n);
	}
	BIO_free(bio);
	X509_NAME_free(name);
	X509_REQ_free(req);
	return text;
}
