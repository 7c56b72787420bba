import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { until } from './process';

/** A mail server on loopback that keeps what it is given. */
export interface MailServer {
	port: number;
	/** The e-mails that were delivered, as a reader of mail sees them. */
	received: Email[];
	stop: () => Promise<void>;
}

/** Starts a mail server that lets in those who know the name and password. */
export async function startMailServer(user: string, password: string): Promise<MailServer> {
	const received: Email[] = [];
	const server = new SMTPServer({
		authMethods: ['PLAIN', 'LOGIN'],
		disabledCommands: ['STARTTLS'],
		onAuth: ({ username, password: given }, _session, callback) =>
			username === user && given === password
				? callback(null, { user })
				: callback(new Error('Invalid name or password')),
		onData: (stream, _session, callback) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				PostalMime.parse(Buffer.concat(chunks)).then((email) => {
					received.push(email);
					callback();
				}, callback);
			});
		},
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		port: (server.server.address() as AddressInfo).port,
		received,
		stop: async () => await new Promise((resolve) => server.close(resolve)),
	};
}

/** The data of an SMTP credential for it. */
export function smtpCredential(port: number, user: string, password: string) {
	return { user, password, host: '127.0.0.1', port, secure: false, disableStartTls: true };
}

/** Waits until so many e-mails have been delivered. */
export async function waitForMail({ received }: MailServer, count: number): Promise<Email[]> {
	return await until(`${count} e-mails`, async () =>
		received.length >= count ? [...received] : undefined,
	);
}
