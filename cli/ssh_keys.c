/* The keys by which a router shows who it is: see ssh_priv.h. */
#include "cli/ssh_priv.h"

#include <string.h>

#include "runtime/crypto/sig.h"

#define RSA_MIN 768 /* bits: IOS asks as much for version 2 */

/* The first RSA pair that is long enough. */
static ssh_key
rsa_host_key(struct router *r)
{
	const struct keystore *ks = node_keystore(router_node(r));
	ssh_key key = NULL;

	for (size_t i = 0; i < keystore_count(ks); i++) {
		struct keystore_entry e = keystore_at(ks, i);
		struct secret pem = {0}, text;

		if (e.bits < RSA_MIN)
			continue;
		rsa_key_private_pem(e.key, &pem);
		secret_init(&text, pem.n + 1);
		memcpy(text.p, pem.p, pem.n);
		if (ssh_pki_import_privkey_base64((const char *)text.p, NULL, NULL, NULL, &key))
			key = NULL;
		secret_fini(&text);
		secret_fini(&pem);
		break;
	}
	return key;
}

bool
sshd_host_keys(struct sshd *s, ssh_bind bind)
{
	static const int rsa_min = RSA_MIN;
	ssh_key rsa = rsa_host_key(s->service.router);

	if (!s->own_key && ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &s->own_key) != SSH_OK)
		s->own_key = NULL;
	ssh_bind_options_set(bind, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_min);
	/* The bind takes them over. */
	if (rsa)
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, rsa);
	if (s->own_key)
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, ssh_key_dup(s->own_key));
	return rsa || s->own_key;
}
