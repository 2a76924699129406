/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* What every kind of store needs: see store.h. */
#include "runtime/store/store_parts.h"

#include <string.h>

static const struct error_text {
	int error;
	const char *text;
} error_texts[] = {
    {STORE_TORN, "the store is damaged, or is none"},
    {STORE_NEWER, "a later version of Testudo wrote the store"},
    {STORE_OLDER, "so early a version of Testudo wrote the store that this one does not read it"},
    {STORE_FOREIGN, "the store was sealed with another key"},
    {STORE_EMPTIED,
     "the store was sealed with another key, and is empty now: who had that key seals "
     "it again"},
    {STORE_KEYLESS,
     "the key of the store is not there (systemd credential testudo-store-key, or key config-key "
     "password-encrypt)"},
    {STORE_MISKEYED, "the key of the store has not 32 octets"},
    {STORE_CREDENTIAL, "the credential testudo-store-key has not 32 octets"},
    {STORE_TRUSTLESS, "the store has no trustpoint with a CA"},
    {STORE_NAMELESS, "no line names a store that can be opened (crypto gdoi store etcd URL)"},
    {STORE_UNTRUSTED, "no CA of the trustpoint vouches for the certificate of the store's server"},
    {STORE_MISNAMED, "the certificate of the store's server has not the name of its endpoint"},
    {STORE_OUTDATED, "the certificate of the store's server has expired, or is not valid yet"},
    {STORE_REFUSED, "the store's server refuses the certificate of the trustpoint"},
    {STORE_STRANGE, "an endpoint of the store belongs to another etcd than the first one"},
    {STORE_BARE, "a password of the store is sent to https:// endpoints alone"},
    {STORE_LOCKED, "the router's keys cannot be read, and the store's may be among them"},
    {STORE_BACK, "an older copy of the store was put in its place"},
    {STORE_MOVED, "the file of the store was removed, or another one put in its place"},
    {STORE_UNSEALED, "the store holds records that are not sealed"},
    {EAGAIN, "somebody else wrote first"},
    {EBUSY, "other processes keep the store busy"},
    {ENOSPC, "no space is left for the store"},
    {EIO, "reading or writing it failed"},
    {EROFS, "the store cannot be written"},
    {ESTALE, "so old a change is no longer known"},
    {ENOENT, "the lease has ended, or there is no such directory"},
    {EMSGSIZE, "the value is too long"},
    {EINVAL, "it is no name, or no store"},
    {E2BIG, "the transaction has too many parts"},
    {ELOOP, "the file of the store is a symbolic link"},
    {ENODEV, "there is no flash: to keep the store in"},
    {EHOSTUNREACH, "no endpoint of the store answers"},
};

const char *
store_error_text(int error)
{
	const char *text;

	for (size_t i = 0; i < ARRAY_SIZE(error_texts); i++)
		if (error == -error_texts[i].error)
			return error_texts[i].text;
	text = strerrordesc_np(-error);
	return text ? text : "unknown error";
}

bool
store_is_lost(int error)
{
	return error == -STORE_TORN || error == -STORE_NEWER || error == -STORE_OLDER ||
	       error == -STORE_FOREIGN || error == -STORE_UNSEALED || error == -STORE_KEYLESS ||
	       error == -STORE_MISKEYED || error == -STORE_BACK;
}

bool
store_is_distrust(int error)
{
	return error == -STORE_TRUSTLESS || error == -STORE_UNTRUSTED || error == -STORE_MISNAMED ||
	       error == -STORE_OUTDATED || error == -STORE_REFUSED;
}

void
store_close(struct store *s)
{
	if (s)
		s->ops->close(s);
}

static bool
all_printable(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return true;
}

bool
store_name_valid(const char *name, size_t n)
{
	if (!n || n > STORE_NAME_MAX || !all_printable(name, n) || name[n - 1] == '/')
		return false;
	for (size_t i = 0; i < n; i++)
		if (name[i] == '/' && (!i || name[i - 1] == '/'))
			return false;
	return true;
}

static bool
string_valid(const char *name)
{
	return name && store_name_valid(name, strnlen(name, STORE_NAME_MAX + 1));
}

int
store_txn_check(const struct store *s, const struct store_txn *txn)
{
	for (size_t i = 0; i < txn->n_checks; i++)
		if (!string_valid(txn->checks[i].name))
			return -EINVAL;
	for (size_t i = 0; i < txn->n_writes; i++) {
		const struct store_write *w = &txn->writes[i];

		if (!string_valid(w->name) || (!w->value.p && w->value.n))
			return -EINVAL;
		if (w->value.n > STORE_VALUE_MAX + s->room)
			return -EMSGSIZE;
	}
	return 0;
}

int
store_prefix_check(const char *prefix)
{
	size_t n = prefix ? strnlen(prefix, STORE_NAME_MAX + 1) : STORE_NAME_MAX + 1;

	return n <= STORE_NAME_MAX && all_printable(prefix, n) ? 0 : -EINVAL;
}

int
store_since_check(uint64_t since, uint64_t revision)
{
	return since > revision || revision - since > STORE_LOG_REVISIONS ? -ESTALE : 0;
}
