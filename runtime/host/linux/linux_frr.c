/* SPDX-License-Identifier: Apache-2.0 */
/* Routing protocols, spoken by FRR: the policy in its words, when they are others than before. */
#include "runtime/host/linux/linux_priv.h"

#include <string.h>

#include "compiler/frr/frr.h"

static const char *
device_of(void *arg, const char *interface)
{
	return linux_device_of(arg, interface);
}

/* What failed is tried again with the next policy; until then static routes are the kernel's. */
static bool
say_all(struct linux_host *h, unsigned daemons, struct text *take_text)
{
	int error = h->speak(h->speak_arg, daemons, text_string(take_text));

	text_fini(&h->speech);
	h->speech = *take_text;
	*take_text = TEXT_INIT;
	if (!error)
		return daemons != 0;
	text_fini(&h->speech);
	LOG(&h->events.log, HOST_ERROR, "FRR", strerror(-error));
	return false;
}

bool
linux_frr_apply(struct linux_host *h, const struct policy *p)
{
	const struct frr_options o = {.device = device_of, .arg = h};
	unsigned daemons = h->speak ? frr_daemons(p) : 0;
	struct text text = TEXT_INIT;
	bool spoken;

	if (!daemons && !h->speech.n)
		return false;
	if (daemons)
		frr_render(p, &o, &text);
	if (h->speech.n && strcmp(text_string(&text), text_string(&h->speech)) == 0) {
		text_fini(&text);
		return h->spoken;
	}
	spoken = say_all(h, daemons, &text);
	text_fini(&text);
	return spoken;
}

void
linux_frr_end(struct linux_host *h)
{
	if (h->speech.n)
		h->speak(h->speak_arg, 0, "");
	text_fini(&h->speech);
	h->spoken = false;
}
