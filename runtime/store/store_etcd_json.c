/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* What the gateway's JSON says: see store_etcd_json.h. */
#include "runtime/store/store_etcd_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/base64.h"

/* --- JSON ------------------------------------------------------------------------------------- */

bool
etcd_json_number(const json_t *object, const char *member, uint64_t *ret)
{
	const json_t *value = json_object_get(object, member);
	const char *text;
	char *end;

	*ret = 0;
	if (!value)
		return true;
	if (json_is_integer(value)) {
		*ret = (uint64_t)json_integer_value(value);
		return json_integer_value(value) >= 0;
	}
	text = json_string_value(value);
	if (!text || !*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !errno;
}

bool
etcd_json_text(const json_t *object, const char *member, struct span *ret)
{
	const json_t *value = json_object_get(object, member);
	const char *text = value ? json_string_value(value) : "";

	*ret = text ? SPAN(text, strlen(text)) : (struct span){0};
	return text != NULL;
}

bool
etcd_json_octets(const json_t *object, const char *member, uint8_t **ret, size_t *ret_n)
{
	struct span text;

	return etcd_json_text(object, member, &text) && base64_decode(text, ret, ret_n);
}

json_t *
etcd_json_base64(struct span octets)
{
	char *text = base64_encode(octets);
	json_t *value = json_string(text);

	free(text);
	return value;
}

json_t *
etcd_json_string(uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return json_string(text);
}

/* A string of JSON, at most 6 octets for each, and how many that were. */
static size_t
put_string(struct span text, uint8_t *to)
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t *at = to;

	*at++ = '"';
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c < ' ') {
			*at++ = '\\';
			*at++ = 'u';
			*at++ = '0';
			*at++ = '0';
			*at++ = (uint8_t)hex[c >> 4];
			*at++ = (uint8_t)hex[c & 15];
			continue;
		}
		if (c == '"' || c == '\\')
			*at++ = '\\';
		*at++ = c;
	}
	*at++ = '"';
	return (size_t)(at - to);
}

static size_t
put_octets(struct span text, uint8_t *to)
{
	memcpy(to, text.p, text.n);
	return text.n;
}

void
etcd_json_login(const char *name, struct span password, struct secret *ret)
{
	static const char first[] = "{\"name\":", second[] = ",\"password\":", last[] = "}";
	struct span user = SPAN(name, strlen(name));
	struct secret text = {0};
	size_t n = 0;

	secret_init(&text,
	            sizeof(first) + sizeof(second) + sizeof(last) + 4 + 6 * (user.n + password.n));
	n += put_octets(SPAN(first, sizeof(first) - 1), text.p + n);
	n += put_string(user, text.p + n);
	n += put_octets(SPAN(second, sizeof(second) - 1), text.p + n);
	n += put_string(password, text.p + n);
	n += put_octets(SPAN(last, sizeof(last) - 1), text.p + n);
	secret_copy(ret, SPAN(text.p, n));
	secret_fini(&text);
}

void
etcd_json_header(const json_t *answer, struct etcd_header *ret)
{
	const json_t *result = json_object_get(answer, "result");
	const json_t *header = json_object_get(result ? result : answer, "header");

	*ret = (struct etcd_header){0};
	etcd_json_number(header, "cluster_id", &ret->cluster);
	etcd_json_number(header, "raft_term", &ret->term);
	etcd_json_number(header, "revision", &ret->revision);
}

uint64_t
etcd_json_revision(const json_t *answer)
{
	struct etcd_header header;

	etcd_json_header(answer, &header);
	return header.revision;
}

/* --- what etcd says went wrong ---------------------------------------------------------------- */

/* Codes of gRPC. */
enum {
	CODE_INVALID_ARGUMENT = 3,
	CODE_NOT_FOUND = 5,
	CODE_PERMISSION_DENIED = 7,
	CODE_RESOURCE_EXHAUSTED = 8,
	CODE_FAILED_PRECONDITION = 9,
	CODE_OUT_OF_RANGE = 11,
	CODE_UNAVAILABLE = 14,
	CODE_UNAUTHENTICATED = 16
};

/* The object that has code and message; NULL: it is no error. */
static const json_t *
find_error(const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");

	if (json_is_object(error))
		return error;
	return error || json_object_get(answer, "code") ? answer : NULL;
}

/* 0: none that is known. */
static uint64_t
error_code(const json_t *error)
{
	uint64_t code;

	if (!etcd_json_number(error, "code", &code))
		return 0;
	if (!code && !etcd_json_number(error, "grpc_code", &code))
		return 0;
	return code;
}

const char *
etcd_json_message(const json_t *answer)
{
	const json_t *error = find_error(answer);
	const char *text = json_string_value(json_object_get(error, "message"));

	if (!text)
		text = json_string_value(json_object_get(error, "error"));
	return text ? text : "an answer that is none of etcd's";
}

static bool
message_has(const json_t *answer, const char *part)
{
	return strstr(etcd_json_message(answer), part) != NULL;
}

bool
etcd_json_no_leader(const json_t *answer)
{
	return find_error(answer) && message_has(answer, "no leader");
}

/* A JWT of before some user was changed is "old", a call without any token has no user's name. */
bool
etcd_json_wants_token(const json_t *answer)
{
	switch (error_code(find_error(answer))) {
	case CODE_UNAUTHENTICATED:
		return true;
	case CODE_INVALID_ARGUMENT:
		return message_has(answer, "revision of auth store is old") ||
		       message_has(answer, "user name is empty");
	default:
		return false;
	}
}

static int
argument_error(const json_t *answer)
{
	if (message_has(answer, "too large"))
		return -EMSGSIZE;
	if (message_has(answer, "too many operations"))
		return -E2BIG;
	return message_has(answer, "authentication failed") || etcd_json_wants_token(answer)
	           ? -EACCES
	           : -EINVAL;
}

int
etcd_json_error(const json_t *answer)
{
	const json_t *error = find_error(answer);

	if (!error)
		return 0;
	switch (error_code(error)) {
	case CODE_INVALID_ARGUMENT:
		return argument_error(answer);
	case CODE_NOT_FOUND:
		return -ENOENT;
	case CODE_PERMISSION_DENIED:
	case CODE_UNAUTHENTICATED:
	case CODE_FAILED_PRECONDITION:
		return -EACCES;
	case CODE_RESOURCE_EXHAUSTED:
		return message_has(answer, "space exceeded") ? -ENOSPC : -EBUSY;
	case CODE_OUT_OF_RANGE:
		return -ESTALE;
	case CODE_UNAVAILABLE:
		return etcd_json_no_leader(answer) ? -EBUSY : -EIO;
	default:
		return -EIO;
	}
}
