/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists by OpenSSL: see crl.h. */
#include "runtime/crypto/crl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include "runtime/crypto/cert.h"
#include "runtime/crypto/cert_priv.h"
#include "runtime/crypto/sig_priv.h"

#define CLOCKS_DIFFER 300 /* seconds that a CA's clock may be ahead of ours */

const char crl_revoked[] = "it has been revoked";

struct crl {
	X509_CRL *crl;
	size_t size;
	X509 *signer;   /* whose signature it is known to have; NULL: not known yet */
	X509 *stranger; /* whose it is known not to have, the last that was asked */
};

static X509_CRL *
read_der(struct span der)
{
	const unsigned char *p = der.p;
	X509_CRL *x = d2i_X509_CRL(NULL, &p, (long)der.n);

	if (x && p == der.p + der.n)
		return x;
	X509_CRL_free(x);
	return NULL;
}

static X509_CRL *
read_pem(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509_CRL *x = bio ? PEM_read_bio_X509_CRL(bio, NULL, sig_no_passphrase, NULL) : NULL;

	BIO_free(bio);
	return x;
}

/* The first search sorts: done here, it is not done in the loop. */
static void
sort_entries(X509_CRL *x)
{
	ASN1_INTEGER *any = ASN1_INTEGER_new();
	X509_REVOKED *entry;

	if (any)
		(void)X509_CRL_get0_by_serial(x, &entry, any);
	ASN1_INTEGER_free(any);
}

struct crl *
crl_read(struct span octets)
{
	X509_CRL *x = NULL;
	struct crl *l;
	int size;

	if (octets.n && octets.n <= CRL_SIZE_MAX) {
		x = read_pem(octets);
		x = x ? x : read_der(octets);
	}
	size = x ? i2d_X509_CRL(x, NULL) : 0;
	if (size <= 0) {
		X509_CRL_free(x);
		return NULL;
	}
	l = x_alloc(sizeof(*l));
	*l = (struct crl){.crl = x, .size = (size_t)size};
	sort_entries(x);
	return l;
}

void
crl_free(struct crl *l)
{
	if (l) {
		X509_CRL_free(l->crl);
		X509_free(l->signer);
		X509_free(l->stranger);
	}
	free(l);
}

char *
crl_pem(const struct crl *l)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long n;

	if (!bio || !PEM_write_bio_X509_CRL(bio, l->crl) || (n = BIO_get_mem_data(bio, &data)) <= 0)
		abort(); /* out of memory */
	text = x_alloc((size_t)n + 1);
	memcpy(text, data, (size_t)n);
	BIO_free(bio);
	return text;
}

size_t
crl_size(const struct crl *l)
{
	return l->size;
}

void
crl_issuer_text(const struct crl *l, char *ret, size_t n)
{
	cert_name_text(X509_CRL_get_issuer(l->crl), ret, n);
}

uint32_t
crl_issuer_hash(const struct crl *l)
{
	return (uint32_t)X509_NAME_hash_ex(X509_CRL_get_issuer(l->crl), NULL, NULL, NULL);
}

int64_t
crl_this_update(const struct crl *l)
{
	return cert_seconds(X509_CRL_get0_lastUpdate(l->crl));
}

int64_t
crl_next_update(const struct crl *l)
{
	const ASN1_TIME *t = X509_CRL_get0_nextUpdate(l->crl);

	return t ? cert_seconds(t) : crl_this_update(l);
}

/* RFC 5280 5.2: what is critical and not understood makes the list useless; so do deltas. */
static bool
says_more(X509_CRL *x)
{
	for (int i = 0; i < X509_CRL_get_ext_count(x); i++)
		if (X509_EXTENSION_get_critical(X509_CRL_get_ext(x, i)))
			return true;
	return X509_CRL_get_ext_by_NID(x, NID_delta_crl, -1) >= 0;
}

/* Has this CA signed it? A long list is hashed once, whatever the answer. */
static bool
signed_by(struct crl *l, X509 *ca)
{
	EVP_PKEY *key = X509_get0_pubkey(ca);
	X509 **known;
	bool yes;

	if (l->signer && !X509_cmp(l->signer, ca))
		return true;
	if (l->stranger && !X509_cmp(l->stranger, ca))
		return false;
	yes = key && X509_CRL_verify(l->crl, key) == 1;
	known = yes ? &l->signer : &l->stranger;
	X509_free(*known);
	X509_up_ref(ca);
	*known = ca;
	return yes;
}

static bool
has_issuer(const struct crl *l, X509 *ca)
{
	return !X509_NAME_cmp(X509_CRL_get_issuer(l->crl), X509_get_subject_name(ca));
}

static bool
may_sign_lists(X509 *ca)
{
	return X509_get_key_usage(ca) & KU_CRL_SIGN;
}

bool
crl_is_of(struct crl *l, const struct cert *ca)
{
	return has_issuer(l, ca->x509) && may_sign_lists(ca->x509) && signed_by(l, ca->x509);
}

static const char *
why_refused(struct crl *l, X509 *ca, int64_t now)
{
	if (!may_sign_lists(ca))
		return "its issuer may not sign a CRL";
	if (!signed_by(l, ca))
		return "the CRL's signature is wrong";
	if (says_more(l->crl))
		return "the CRL says what is not understood";
	if (now + CLOCKS_DIFFER < crl_this_update(l))
		return "the CRL is not valid yet";
	return now < crl_next_update(l) ? NULL : "the CRL has expired";
}

const char *
crl_refused(struct crl *l, const struct cert *ca, int64_t now)
{
	if (!has_issuer(l, ca->x509))
		return "the CRL is another CA's";
	return why_refused(l, ca->x509, now);
}

/* Who is on such a list is revoked, even when it has expired: the CA has said so. */
static bool
is_authentic(struct crl *l, X509 *ca)
{
	return may_sign_lists(ca) && !says_more(l->crl) && signed_by(l, ca);
}

static bool
is_listed(X509_CRL *x, X509 *c)
{
	X509_REVOKED *entry = NULL;

	return X509_CRL_get0_by_serial(x, &entry, X509_get_serialNumber(c)) != 0;
}

/*
 * The list that tells who is revoked: the newest, as a CA may take back that a certificate is on
 * hold (RFC 5280 5.3.1). NULL: the CA has signed none of these.
 */
static struct crl *
find_newest(struct crl *const *crls, size_t n, X509 *ca)
{
	struct crl *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (has_issuer(crls[i], ca) && is_authentic(crls[i], ca) &&
		    (!found || crl_this_update(crls[i]) > crl_this_update(found)))
			found = crls[i];
	return found;
}

bool
crl_revokes(struct crl *const *crls, size_t n, const struct cert *ca, struct span id)
{
	struct crl *l = find_newest(crls, n, ca->x509);
	const unsigned char *p = id.p;
	PKCS7_ISSUER_AND_SERIAL *of = d2i_PKCS7_ISSUER_AND_SERIAL(NULL, &p, (long)id.n);
	X509_REVOKED *entry = NULL;
	bool yes = of && l && !X509_NAME_cmp(X509_CRL_get_issuer(l->crl), of->issuer) &&
	           X509_CRL_get0_by_serial(l->crl, &entry, of->serial);

	PKCS7_ISSUER_AND_SERIAL_free(of);
	return yes;
}

struct span
cert_id(const struct cert *c)
{
	PKCS7_ISSUER_AND_SERIAL of = {.issuer = X509_get_issuer_name(c->x509),
	                              .serial = X509_get_serialNumber(c->x509)};
	unsigned char *der = NULL;
	int n = i2d_PKCS7_ISSUER_AND_SERIAL(&of, &der);
	struct span ret = {0};

	if (n > 0)
		ret = SPAN(x_memdup(der, (size_t)n), (size_t)n);
	OPENSSL_free(der);
	return ret;
}

bool
cert_id_next(struct span *ids, struct span *ret)
{
	const unsigned char *p = ids->p;
	long n;
	int tag, class;

	if (!ids->n || ids->n > CERT_SIZE_MAX ||
	    (ASN1_get_object(&p, &n, &tag, &class, (long)ids->n) & 0x80))
		return false;
	*ret = SPAN(ids->p, (size_t)(p - ids->p) + (size_t)n);
	*ids = SPAN(ids->p + ret->n, ids->n - ret->n);
	return true;
}

void
cert_id_serial_text(struct span id, char *ret, size_t n)
{
	const unsigned char *p = id.p;
	PKCS7_ISSUER_AND_SERIAL *of = d2i_PKCS7_ISSUER_AND_SERIAL(NULL, &p, (long)id.n);

	cert_integer_text(of ? of->serial : NULL, ret, n);
	PKCS7_ISSUER_AND_SERIAL_free(of);
}

/* The distribution points of RFC 5280 4.2.1.13: the first that is a plain address of HTTP. */
static bool
is_plain_http(const ASN1_IA5STRING *uri, char *ret)
{
	const unsigned char *p = ASN1_STRING_get0_data(uri);
	int n = ASN1_STRING_length(uri);

	if (n < 8 || n >= CRL_URL_MAX || strncasecmp((const char *)p, "http://", 7) != 0)
		return false;
	for (int i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] >= 0x7f)
			return false;
	memcpy(ret, p, (size_t)n);
	ret[n] = '\0';
	return true;
}

static bool
point_url(const DIST_POINT *point, char *ret)
{
	const GENERAL_NAMES *names;

	if (!point->distpoint || point->distpoint->type || point->reasons || point->CRLissuer)
		return false;
	names = point->distpoint->name.fullname;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		if (g->type == GEN_URI && is_plain_http(g->d.uniformResourceIdentifier, ret))
			return true;
	}
	return false;
}

static bool
find_url(X509 *c, char *ret)
{
	CRL_DIST_POINTS *points = X509_get_ext_d2i(c, NID_crl_distribution_points, NULL, NULL);
	bool found = false;

	*ret = '\0';
	for (int i = 0; i < sk_DIST_POINT_num(points) && !found; i++)
		found = point_url(sk_DIST_POINT_value(points, i), ret);
	CRL_DIST_POINTS_free(points);
	return found;
}

bool
cert_crl_url(const struct cert *c, char *ret)
{
	return find_url(c->x509, ret);
}

static struct span
copy_der(X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	return n > 0 ? SPAN(der, (size_t)n) : (struct span){0};
}

void
crl_check_fini(struct crl_check *check)
{
	OPENSSL_free((void *)(uintptr_t)check->issuer.p);
	free((void *)(uintptr_t)check->ids.p);
	check->issuer = check->ids = (struct span){0};
}

static const char *
tell_revoked(struct crl_check *check, X509 *x)
{
	cert_integer_text(X509_get0_serialNumber(x), check->revoked, sizeof(check->revoked));
	return crl_revoked;
}

/* One certificate, by those of the n lists that are its issuer's. */
static const char *
refuses_cert(struct crl_check *check, struct crl *const *crls, size_t n, X509 *c, X509 *issuer,
             int64_t now)
{
	const char *why = "there is no CRL of its issuer";
	struct crl *newest = find_newest(crls, n, issuer);
	bool counts = false;

	if (newest && is_listed(newest->crl, c))
		return tell_revoked(check, c);
	for (size_t i = 0; i < n; i++) {
		struct crl *l = crls[i];
		const char *no;

		if (!has_issuer(l, issuer))
			continue;
		no = why_refused(l, issuer, now);
		counts |= !no;
		why = no ? no : why;
	}
	if (!counts && !check->url[0] && find_url(c, check->url))
		check->issuer = copy_der(issuer);
	return counts || check->lenient ? NULL : why;
}

static bool
is_root(X509 *x)
{
	return X509_self_signed(x, 0) == 1;
}

/* The configured CA that has signed it; NULL: none, or it is a root. */
static X509 *
find_issuer(const struct crl_check *check, X509 *c)
{
	if (is_root(c))
		return NULL;
	for (size_t i = 0; i < check->n_issuers; i++) {
		X509 *ca = check->issuers[i]->x509;
		EVP_PKEY *key = X509_get0_pubkey(ca);

		if (X509_check_issued(ca, c) == X509_V_OK && key && X509_verify(c, key) == 1)
			return ca;
	}
	return NULL;
}

static void
add_id(struct crl_check *check, X509 *x)
{
	struct cert c = {.x509 = x};
	struct span id = cert_id(&c);
	uint8_t *ids;

	if (id.n && check->ids.n + id.n <= CERT_SIZE_MAX) {
		ids = x_realloc((void *)(uintptr_t)check->ids.p, check->ids.n + id.n);
		memcpy(ids + check->ids.n, id.p, id.n);
		check->ids = SPAN(ids, check->ids.n + id.n);
	}
	free((void *)(uintptr_t)id.p);
}

/* Adds who has issued the one that is trusted; CAs may certify each other: that is a circle. */
static bool
go_above(const struct crl_check *check, STACK_OF(X509) * way)
{
	X509 *issuer = find_issuer(check, sk_X509_value(way, sk_X509_num(way) - 1));

	if (!issuer)
		return false;
	for (int i = 0; i < sk_X509_num(way); i++)
		if (!X509_cmp(sk_X509_value(way, i), issuer))
			return false;
	return sk_X509_push(way, issuer) > 0;
}

/* way: from the certificate up; those from `trusted` on stand above who is trusted. */
static const char *
refuses_way(struct crl_check *check, STACK_OF(X509) * way, int trusted, int64_t now)
{
	for (int i = 0; i + 1 < sk_X509_num(way); i++) {
		bool above = i >= trusted;
		const char *why = refuses_cert(
		    check, above ? check->above : check->crls, above ? check->n_above : check->n,
		    sk_X509_value(way, i), sk_X509_value(way, i + 1), now);

		if (why)
			return why;
	}
	return NULL;
}

const char *
crl_refuses_chain(struct crl_check *check, STACK_OF(X509) * chain, int64_t now)
{
	STACK_OF(X509) *way = sk_X509_dup(chain);
	int n = sk_X509_num(chain);
	const char *why = NULL;

	if (!way || n < 1)
		abort(); /* out of memory: a verified chain is not empty */
	while (sk_X509_num(way) <= n + CERT_DEPTH_MAX && go_above(check, way))
		;
	for (int i = 0; i < sk_X509_num(way); i++)
		if (!is_root(sk_X509_value(way, i)))
			add_id(check, sk_X509_value(way, i));
	if (!check->off)
		why = refuses_way(check, way, n - 1, now);
	sk_X509_free(way);
	return why;
}
