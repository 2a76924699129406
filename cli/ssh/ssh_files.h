/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by SSH: `scp -O` (the old protocol, as an exec request) and the SFTP subsystem, which
 * scp(1) uses today. The files are those of cli/files/files.h: running-config, startup-config,
 * flash. As in IOS `ip scp server enable` lets them, for users of privilege 15.
 */
#ifndef TESTUDO_SSH_FILES_H
#define TESTUDO_SSH_FILES_H

#include "compiler/base/text.h"

struct sshd_channel;
struct sshd_connection;

/* NULL, or why this user may not. */
const char *ssh_files_refusal(struct sshd_connection *c);
/* path: as typed, maybe with a slash in front. 0 or -errno, as router_file_read and _write. */
int ssh_files_read(struct sshd_connection *c, const char *path, struct text *ret);
/*
 * report: what was refused of a running configuration, as a user is told; summary: its
 * last line. Both empty when all was taken.
 */
int ssh_files_write(struct sshd_connection *c, const char *path, struct span text,
                    struct text *report, struct text *summary);

/* "scp -t running-config": becomes the channel's worker; false: this is no such command. */
bool ssh_scp_start(struct sshd_channel *ch, const char *command);
bool ssh_sftp_start(struct sshd_channel *ch);

#endif
