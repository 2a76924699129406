/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of certificates and of revocation lists share. */
#ifndef TESTUDO_EXEC_PKI_H
#define TESTUDO_EXEC_PKI_H

#include "cli/exec/exec.h"

/* NULL after telling the user that there is none of that name. */
const struct policy_trustpoint *exec_pki_trustpoint(struct shell *sh, const char *name);

#endif
