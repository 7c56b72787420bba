import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Registry } from './registry';

/** The registry that n8n takes packages from; another one needs a license of n8n's. */
export const NPM = 'registry.npmjs.org';

/**
 * What n8n and npm take for the internet: a proxy in which npm's registry is our own one, and nothing
 * else is there.
 */
export interface Internet {
	/** What n8n needs in its environment to go through it. */
	env: NodeJS.ProcessEnv;
	/** The same as settings of npm, to which n8n 1 does not always hand its environment on. */
	npmrc: string;
	/** Hosts that were asked for in vain. */
	refused: Set<string>;
	/** What was asked of npm's registry: method and path. */
	asked: string[];
	stop(): Promise<void>;
}

/** @param tools where the maker of certificates is installed */
export async function startInternet(tools: string, registry: Registry): Promise<Internet> {
	const directory = await mkdtemp(path.join(tmpdir(), 'internet-'));
	const { private: key, cert } = await certificate(tools);
	const file = path.join(directory, 'certificate.pem');
	await writeFile(file, cert);
	const refused = new Set<string>();
	const asked: string[] = [];

	const npm = createSecureServer({ key, cert }, (question, answer) => {
		asked.push(`${question.method} ${question.url}`);
		passOn(registry, question, answer);
	});
	const proxy = createServer((question, answer) => {
		refused.add(new URL(question.url!).host);
		answer.writeHead(502).end();
	});
	proxy.on('connect', ({ url: host = '' }: IncomingMessage, socket) => {
		socket.on('error', () => socket.destroy());
		if (host === `${NPM}:443`) {
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			npm.emit('connection', socket);
		} else {
			refused.add(host);
			socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
		}
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	return {
		env: {
			HTTP_PROXY: address,
			HTTPS_PROXY: address,
			NO_PROXY: 'localhost,127.0.0.1',
			NODE_EXTRA_CA_CERTS: file,
			npm_config_cafile: file,
		},
		npmrc: `https-proxy=${address}\ncafile=${file}\n`,
		refused,
		asked,
		stop: async () => {
			npm.closeAllConnections();
			proxy.closeAllConnections();
			await new Promise((resolve) => proxy.close(resolve));
			await rm(directory, { recursive: true, force: true });
		},
	};
}

/** A certificate for npm's registry that stands for itself. */
async function certificate(tools: string): Promise<{ private: string; cert: string }> {
	const { generate } = createRequire(path.join(tools, 'package.json'))('selfsigned') as {
		generate: (...args: unknown[]) => Promise<{ private: string; cert: string }>;
	};
	return await generate([{ name: 'commonName', value: NPM }], {
		extensions: [
			{ name: 'basicConstraints', cA: true, critical: true },
			{ name: 'subjectAltName', altNames: [{ type: 2, value: NPM }] },
		],
	});
}

/** Asks our registry, which then names the addresses of tarballs as npm's own does. */
function passOn({ url }: Registry, question: IncomingMessage, answer: ServerResponse): void {
	const { hostname, port } = new URL(url);
	const headers = { ...question.headers, host: NPM, 'x-forwarded-proto': 'https' };
	const { method, url: path } = question;
	const onward = request({ hostname, port, path, method, headers }, (reply) => {
		answer.writeHead(reply.statusCode!, reply.headers);
		reply.pipe(answer);
	});
	onward.on('error', () => answer.destroy());
	question.pipe(onward);
}
