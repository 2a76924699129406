/* SPDX-License-Identifier: Apache-2.0 */
/* Keys under keys, as both ends of a key hierarchy do it: see lkh.h. */
#include "runtime/core/lkh.h"

#include <string.h>

#include "runtime/core/push.h"

size_t
lkh_key_size(enum cipher_id cipher)
{
	return cipher_block_size(cipher) + cipher_key_size(cipher);
}

/* AES-192's key fills no whole blocks: zeros follow. */
size_t
lkh_wrapped_size(enum cipher_id cipher)
{
	size_t block = cipher_block_size(cipher);

	return (lkh_key_size(cipher) + block - 1) / block * block;
}

/* As a message is encrypted under a KEK: in CBC mode with the IV that is part of the key. */
static bool
crypt_key(enum cipher_id cipher, struct span under, bool encrypt, uint8_t *data)
{
	const struct secret key = {.p = (uint8_t *)(uintptr_t)under.p, .n = under.n};

	return push_crypt(cipher, &key, encrypt, data, lkh_wrapped_size(cipher));
}

bool
lkh_wrap(enum cipher_id cipher, struct span under, struct span key, uint8_t *out)
{
	if (key.n != lkh_key_size(cipher))
		return false;
	memcpy(out, key.p, key.n);
	memset(out + key.n, 0, lkh_wrapped_size(cipher) - key.n);
	return crypt_key(cipher, under, true, out);
}

bool
lkh_unwrap(enum cipher_id cipher, struct span under, struct span wrapped, uint8_t *out)
{
	if (wrapped.n != lkh_wrapped_size(cipher))
		return false;
	memcpy(out, wrapped.p, wrapped.n);
	return crypt_key(cipher, under, false, out);
}
