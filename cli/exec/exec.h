/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of EXEC and of configuration that act and show nothing: exec_*.c. */
#ifndef TESTUDO_EXEC_H
#define TESTUDO_EXEC_H

#include "cli/shell/commands.h"

/* H_ name of the grammar, function */
#define EXEC_COMMANDS(X)                                                                           \
	X(EXEC_ENABLE, exec_enable)                                                                \
	X(EXEC_DISABLE, exec_disable)                                                              \
	X(EXEC_EXIT, exec_exit)                                                                    \
	X(EXEC_HELP, exec_help)                                                                    \
	X(EXEC_PING, exec_ping)                                                                    \
	X(EXEC_PING_ASK, exec_ping_ask)                                                            \
	X(EXEC_TRACEROUTE, exec_traceroute)                                                        \
	X(EXEC_TERMINAL_LENGTH, exec_terminal_length)                                              \
	X(EXEC_TERMINAL_NO_LENGTH, exec_terminal_no_length)                                        \
	X(EXEC_TERMINAL_WIDTH, exec_terminal_width)                                                \
	X(EXEC_TERMINAL_NO_WIDTH, exec_terminal_no_width)                                          \
	X(EXEC_TERMINAL_HISTORY, exec_terminal_history)                                            \
	X(EXEC_TERMINAL_NO_HISTORY, exec_terminal_no_history)                                      \
	X(EXEC_TERMINAL_NO_HISTORY_SIZE, exec_terminal_no_history_size)                            \
	X(EXEC_TERMINAL_MONITOR, exec_terminal_monitor)                                            \
	X(EXEC_TERMINAL_NO_MONITOR, exec_terminal_no_monitor)                                      \
	X(EXEC_TERMINAL_DIALECT, exec_terminal_dialect)                                            \
	X(EXEC_TERMINAL_NO_DIALECT, exec_terminal_no_dialect)                                      \
	X(EXEC_CONFIGURE, exec_configure)                                                          \
	X(EXEC_WRITE_MEMORY, exec_write_memory)                                                    \
	X(EXEC_COPY, exec_copy)                                                                    \
	X(EXEC_DIR, exec_dir)                                                                      \
	X(EXEC_MORE, exec_more)                                                                    \
	X(EXEC_DELETE, exec_delete)                                                                \
	X(EXEC_ERASE, exec_erase)                                                                  \
	X(EXEC_RELOAD, exec_reload)                                                                \
	X(EXEC_RELOAD_IN, exec_reload_in)                                                          \
	X(EXEC_RELOAD_AT, exec_reload_at)                                                          \
	X(EXEC_RELOAD_CANCEL, exec_reload_cancel)                                                  \
	X(EXEC_SEND, exec_send)                                                                    \
	X(EXEC_LOCK, exec_lock)                                                                    \
	X(EXEC_LOGIN, exec_login)                                                                  \
	X(EXEC_PWD, exec_pwd)                                                                      \
	X(EXEC_CD, exec_cd)                                                                        \
	X(EXEC_RENAME, exec_rename)                                                                \
	X(EXEC_VERIFY, exec_verify)                                                                \
	X(EXEC_MKDIR, exec_mkdir)                                                                  \
	X(EXEC_RMDIR, exec_rmdir)                                                                  \
	X(EXEC_TELNET, exec_telnet)                                                                \
	X(EXEC_SSH, exec_ssh)                                                                      \
	X(EXEC_RESUME, exec_resume)                                                                \
	X(EXEC_DISCONNECT, exec_disconnect)                                                        \
	X(EXEC_CLOCK_SET, exec_clock_set)                                                          \
	X(EXEC_CLEAR_CRYPTO_GDOI_KS_COOP_COUNTERS, exec_clear_crypto_gdoi_ks_coop_counters)        \
	X(EXEC_CLEAR_IP_OSPF, exec_clear_ip_ospf)                                                  \
	X(EXEC_CLEAR_IP_ROUTING, exec_clear_ip_routing)                                            \
	X(EXEC_CLEAR_CRYPTO_GDOI, exec_clear_crypto_gdoi)                                          \
	X(EXEC_CLEAR_CRYPTO_GDOI_KS_MEMBERS, exec_clear_crypto_gdoi_ks_members)                    \
	X(EXEC_CLEAR_CRYPTO_GDOI_KS_COOP, exec_clear_crypto_gdoi_ks_coop)                          \
	X(EXEC_CLEAR_CRYPTO_GDOI_KS_POLICY, exec_clear_crypto_gdoi_ks_policy)                      \
	X(EXEC_CRYPTO_GDOI_GM_DIRECTION, exec_crypto_gdoi_gm_direction)                            \
	X(EXEC_CRYPTO_GDOI_KS_REKEY, exec_crypto_gdoi_ks_rekey)                                    \
	X(EXEC_CLEAR_CRYPTO_ISAKMP, exec_clear_crypto_isakmp)                                      \
	X(EXEC_CLEAR_CRYPTO_SA, exec_clear_crypto_sa)                                              \
	X(EXEC_CLEAR_CRYPTO_SESSION, exec_clear_crypto_session)                                    \
	X(EXEC_CLEAR_LOGGING, exec_clear_logging)                                                  \
	X(EXEC_CLEAR_COUNTERS, exec_clear_counters)                                                \
	X(EXEC_CLEAR_LINE, exec_clear_line)                                                        \
	X(EXEC_DEBUG_CRYPTO_GDOI, exec_debug_crypto_gdoi)                                          \
	X(EXEC_DEBUG_CRYPTO, exec_debug_crypto)                                                    \
	X(EXEC_DEBUG_IP, exec_debug_ip)                                                            \
	X(EXEC_DEBUG_ALL, exec_debug_all)                                                          \
	X(EXEC_UNDEBUG_CRYPTO_GDOI, exec_undebug_crypto_gdoi)                                      \
	X(EXEC_UNDEBUG_CRYPTO, exec_undebug_crypto)                                                \
	X(EXEC_UNDEBUG_ALL, exec_undebug_all)                                                      \
	X(CONFIG_KEY_CONFIG_KEY, config_key_config_key)                                            \
	X(CONFIG_CRYPTO_KEY_GENERATE, config_crypto_key_generate)                                  \
	X(CONFIG_CRYPTO_KEY_ZEROIZE, config_crypto_key_zeroize)                                    \
	X(CONFIG_CRYPTO_KEY_GENERATE_EC, config_crypto_key_generate_ec)                            \
	X(CONFIG_CRYPTO_KEY_ZEROIZE_EC, config_crypto_key_zeroize_ec)                              \
	X(CONFIG_CRYPTO_KEY_EXPORT, config_crypto_key_export)                                      \
	X(CONFIG_CRYPTO_KEY_IMPORT, config_crypto_key_import)                                      \
	X(CONFIG_CRYPTO_KEY_MOVE, config_crypto_key_move)                                          \
	X(CONFIG_SSH_KEY_STRING, config_ssh_key_string)                                            \
	X(CONFIG_CRYPTO_PKI_AUTHENTICATE, config_crypto_pki_authenticate)                          \
	X(CONFIG_CRYPTO_PKI_ENROLL, config_crypto_pki_enroll)                                      \
	X(CONFIG_CRYPTO_PKI_IMPORT, config_crypto_pki_import)                                      \
	X(CONFIG_CRYPTO_PKI_IMPORT_CRL, config_crypto_pki_import_crl)                              \
	X(CONFIG_CRYPTO_PKI_CRL_REQUEST, config_crypto_pki_crl_request)                            \
	X(EXEC_CLEAR_CRYPTO_PKI_CRLS, exec_clear_crypto_pki_crls)                                  \
	X(EXEC_CONFIGURE_REPLACE, exec_configure_replace)                                          \
	X(EXEC_CONFIGURE_CHECK, exec_configure_check)                                              \
	X(EXEC_CONFIGURE_FROM, exec_configure_from)                                                \
	X(EXEC_CONFIGURE_MEMORY, exec_configure_memory)                                            \
	X(EXEC_ARCHIVE_CONFIG, exec_archive_config)                                                \
	X(EXEC_CLEAR_ARCHIVE_LOG, exec_clear_archive_log)                                          \
	X(EXEC_CONFIGURE_REVERT_TIMER, exec_configure_revert_timer)                                \
	X(EXEC_CONFIGURE_CONFIRM, exec_configure_confirm)                                          \
	X(EXEC_CONFIGURE_REVERT_NOW, exec_configure_revert_now)                                    \
	X(EXEC_CONFIGURE_REVERT_RETIME, exec_configure_revert_retime)

EXEC_COMMANDS(COMMAND_DECLARE)

#endif
