import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import MailComposer from 'nodemailer/lib/mail-composer';
import type Mail from 'nodemailer/lib/mailer';
import { projectDirectory } from './pack';
import { freePort, untilListens } from './port';
import { end, mustRun, start } from './process';

/** A mailbox on loopback, kept by Dovecot (Debian's dovecot-imapd), that a reader of e-mail connects to. */
export interface Mailbox {
	port: number;
	/** Puts an e-mail into INBOX, as a mail server does that was sent one. */
	deliver: (mail: Mail.Options) => Promise<void>;
	stop: () => Promise<void>;
}

/** Starts a mailbox that lets in those who know the password. */
export async function startMailbox(user: string, password: string): Promise<Mailbox> {
	const folder = await mkdtemp(path.join(tmpdir(), 'mailbox-'));
	const logs = path.join(projectDirectory, '.scratch/e2e-logs');
	const log = path.join(logs, 'dovecot.log');
	const mails = path.join(folder, 'mails');
	for (const one of [logs, mails]) await mkdir(one, { recursive: true });
	// Dovecot's processes are not root, whoever starts them.
	await chmod(folder, 0o755);
	if (isRoot) await mustRun('chown', ['dovecot:', mails]);
	const port = await freePort();
	const configuration = path.join(folder, 'dovecot.conf');
	await writeFile(configuration, configurationOf({ folder, mails, port, password }));
	const options = { cwd: folder, env: { PATH: PATH_WITH_SBIN }, log };
	const child = await start('dovecot', ['-F', '-c', configuration], options);
	await untilListens('Dovecot', child, port, log);
	return {
		port,
		deliver: async (mail) => {
			const file = path.join(folder, 'mail.eml');
			await writeFile(file, await new MailComposer(mail).compile().build());
			await mustRun('doveadm', ['-c', configuration, 'save', '-u', user, file], options);
		},
		stop: async () => {
			await end(child, 'SIGTERM');
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** The data of an IMAP credential for it. */
export function imapCredential(port: number, user: string, password: string) {
	return { user, password, host: '127.0.0.1', port, secure: false, allowUnauthorizedCerts: false };
}

const isRoot = process.getuid?.() === 0;

/** Debian has servers where an ordinary user's shell does not look. */
const PATH_WITH_SBIN = [process.env.PATH, '/usr/sbin'].join(path.delimiter);

/** Everything in one folder; started by root, with the users that Debian made for it, else as who starts it. */
function configurationOf(place: { folder: string; mails: string; port: number; password: string }) {
	const { folder, mails, port, password } = place;
	const { username, gid } = userInfo();
	const asStarter = `
		default_internal_user = ${username}
		default_internal_group = ${gid}
		default_login_user = ${username}
		service anvil {
			chroot =
		}`;
	return `
		protocols = imap
		listen = 127.0.0.1
		ssl = no
		disable_plaintext_auth = no
		base_dir = ${folder}/run
		state_dir = ${folder}/run
		log_path = /dev/stderr
		mail_location = maildir:${mails}
		mail_uid = ${isRoot ? 'dovecot' : username}
		mail_gid = ${isRoot ? 'dovecot' : gid}
		first_valid_uid = 1
		${isRoot ? '' : asStarter}
		service imap-login {
			chroot =
			inet_listener imap {
				port = ${port}
			}
			inet_listener imaps {
				port = 0
			}
		}
		passdb {
			driver = static
			args = password=${password}
		}
		userdb {
			driver = static
			args = home=${mails}
		}`;
}
