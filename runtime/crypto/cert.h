/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates (RFC 5280) for phase 1 with signatures: is one signed by a CA we trust and
 * in force, whose is it, what key does it hold. Requests for one (PKCS #10, RFC 2986).
 */
#ifndef TESTUDO_CERT_H
#define TESTUDO_CERT_H

#include "compiler/policy/certmap.h"
#include "compiler/policy/prefix.h"
#include "runtime/crypto/crl.h"
#include "runtime/crypto/ecdsa.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/sig.h"

#define CERT_SIZE_MAX 8192 /* octets of DER */

struct cert;

/* The key pair of a device: one of the two, borrowed; both NULL: there is none. */
struct key_pair {
	const struct rsa_key *rsa;
	const struct ec_key *ec;
};

/* NULL when the octets are not one certificate with an RSA key, or an EC key of a named curve. */
struct cert *cert_from_der(struct span der);
struct cert *cert_from_pem(struct span pem); /* the first in the text */
/* These certificates, DER, one after the other in PEM; what is none is left out. Allocated. */
char *cert_text(const struct span *ders, size_t n);
void cert_free(struct cert *c); /* NULL is fine */

struct span cert_der(const struct cert *c); /* borrowed */
bool cert_is_ca(const struct cert *c);
struct span cert_id(const struct cert *c); /* issuer and serial number as DER; the caller frees */
/* The first of several that stand one behind the other, borrowed; `ids` then begins behind it. */
bool cert_id_next(struct span *ids, struct span *ret);
void cert_id_serial_text(struct span id, char *ret, size_t n); /* as cert_serial_text */
/* Hexadecimal, upper case, even digits; ret holds n. */
void cert_serial_text(const struct cert *c, char *ret, size_t n);
void cert_subject_text(const struct cert *c, char *ret, size_t n); /* "CN=R3,O=Lab" */
void cert_issuer_text(const struct cert *c, char *ret, size_t n);
/* Of the DER, in groups of eight digits as IOS has it: "D9E4599D C573463B ..." */
#define CERT_FINGERPRINT_MAX (HASH_SIZE_MAX / 4 * 9)
void cert_fingerprint_text(const struct cert *c, enum hash_id h, char ret[CERT_FINGERPRINT_MAX]);
/* Seconds since 1970 UTC. */
int64_t cert_not_before(const struct cert *c);
int64_t cert_not_after(const struct cert *c);
bool cert_is_rsa(const struct cert *c);
/* Of its EC key, when that can sign as RFC 4754 has it: 256, 384, 521; else 0. */
unsigned cert_ec_bits(const struct cert *c);
bool cert_is_self_signed(const struct cert *c);
/* Is that its issuer, by name and key identifier? The signature is not looked at. */
bool cert_issued_by(const struct cert *c, const struct cert *ca);
/* The key it holds; the caller frees it; NULL: it is another, or not one that we take. */
struct rsa_key *cert_rsa_key(const struct cert *c);
struct ec_key *cert_ec_key(const struct cert *c);
/* Does this key pair belong to it? Not when there is none. */
bool cert_fits(const struct cert *c, struct key_pair key);

/*
 * NULL when `c` leads to one of the CAs, maybe by way of CAs in `chain`, which nobody has vouched
 * for, is in force at `now` (seconds since 1970), and is for signatures; else why not.
 * crls: that must say of it, and of the CAs above it up to a root or one whose issuer is not
 * configured, that they are not revoked; NULL: none is asked.
 */
#define CERT_DEPTH_MAX 8 /* CAs between a certificate and the one that is trusted */
struct cert_list {
	struct cert *const *certs;
	size_t n;
};
const char *cert_verify(const struct cert *c, struct cert_list cas, struct cert_list chain,
                        struct crl_check *crls, int64_t now);
/*
 * Where the list that it would be on can be had by HTTP: at most CRL_URL_MAX octets with a NUL;
 * false: it does not say.
 */
bool cert_crl_url(const struct cert *c, char *ret);

/* What it says, in canonical form, in the arena. */
void cert_facts(const struct cert *c, struct arena *a, struct cert_facts *ret);
/* Does its subjectAltName list this address? ret_any: does it list any? */
bool cert_has_address(const struct cert *c, uint32_t addr, bool *ret_any);
bool cert_has_dns_name(const struct cert *c, struct span name); /* in any case of letters */
/* Its dNSNames, each ended by a NUL, then an empty one; allocated. */
char *cert_dns_names(const struct cert *c);
/* The subject as DER, borrowed: what an ID of type DN holds (RFC 2407 4.6.2.9). */
struct span cert_subject_der(const struct cert *c);

/*
 * A PKCS #10 request for a key, in PEM, allocated. subject: "cn=R3, o=Lab"; false when it cannot be
 * read or signed. addr: into subjectAltName; 0: none. An EC key signs with its curve's hash.
 */
char *cert_request(struct key_pair key, const char *subject, uint32_t addr);

#endif
