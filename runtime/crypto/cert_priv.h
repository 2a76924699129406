/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of certificates and revocation lists share. */
#ifndef TESTUDO_CERT_PRIV_H
#define TESTUDO_CERT_PRIV_H

#include <openssl/x509.h>

#include "runtime/crypto/crl.h"

struct cert {
	X509 *x509;
	unsigned char *der, *subject;
	size_t der_size, subject_size;
};

/*
 * Does a verified chain, the certificate first and who is trusted last, hold one that its issuer
 * has revoked? NULL: no. now: seconds since 1970.
 */
const char *crl_refuses_chain(struct crl_check *check, STACK_OF(X509) * chain, int64_t now);
int64_t cert_seconds(const ASN1_TIME *t); /* since 1970 */
/* Hexadecimal, as cert_serial_text; of NULL: "00". */
void cert_integer_text(const ASN1_INTEGER *number, char *ret, size_t n);
void cert_name_text(const X509_NAME *name, char *ret, size_t n);

#endif
