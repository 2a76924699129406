/* SPDX-License-Identifier: Apache-2.0 */
/* Stored passwords of every form: whatever is valid is shown, hidden, opened and sealed alike. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/passwd.h"
#include "runtime/crypto/type6.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
there_and_back(const char *clear)
{
	char hidden[PASSWD_TEXT_MAX], shown[PASSWD_MAX + 1];

	if (!passwd_hide(clear, hidden))
		return;
	if (!passwd_valid(PASSWD_HIDDEN, hidden) || !passwd_show(hidden, shown) ||
	    strcmp(shown, clear) != 0)
		abort();
}

/* The first octet is the type, the rest the text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = size ? malloc(size) : NULL, clear[PASSWD_MAX + 1];
	enum passwd_type type;

	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	type = (enum passwd_type)(data[0] % 10);
	passwd_valid(type, text);
	if (type == PASSWD_HIDDEN || type == PASSWD_CLEAR) /* the others take their time */
		passwd_verify(type, text, "cisco");
	if (passwd_show(text, clear))
		there_and_back(clear);
	there_and_back(text);
	if (type == PASSWD_SEALED)
		type6_decrypt(SPAN("master", 6), text, (char[TYPE6_CLEAR_MAX + 1]){0});
	free(text);
	return 0;
}
