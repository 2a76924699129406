/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that were copied out of a document or a terminal together with their prompts:
 * `- R1(config)# hostname R1 // a remark`. Pasted into a session they mean what they meant there.
 */
#ifndef TESTUDO_PASTED_H
#define TESTUDO_PASTED_H

#include "cli/shell/shell.h"

struct pasted {
	const char *command; /* without prompt and remark; NULL: nothing is to be typed */
	size_t offset;       /* where it stands in the line; at least 1 */
};

/*
 * For a line that is no command, or (`kept`) that is taken as it stands, whatever it is. True when it
 * is such a line, or `OR` between two of them: then the session is in the mode of the prompt, or the
 * user has been told why not. A prompt of another router is refused: alternatives for several
 * routers stand side by side in such documents.
 */
bool pasted_read(struct shell *sh, const char *line, bool kept, struct arena *a,
                 struct pasted *ret);

#endif
