import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Home } from './home';
import { freePort } from './port';
import { end, hasEnded, start, tail, until } from './process';

/** A running n8n with its editor, and a signed-in owner. */
export interface Server {
	home: Home;
	/** Without a slash at the end. */
	url: string;
	child: ChildProcess;
	/** The cookie of the owner's session; outlives a restart in the same home. */
	session: string;
}

export interface ServerOptions {
	/** By default a free one. Choose it where a restart has to keep the addresses of webhooks. */
	port?: number;
	/** More environment variables, over those of the home. */
	env?: NodeJS.ProcessEnv;
	/** A session from an earlier start in this home. Without it the owner is signed in, which n8n allows five times a minute. */
	session?: string;
}

/** Whom the editor in a test home belongs to. */
export const owner = {
	email: 'owner@example.com',
	firstName: 'Test',
	lastName: 'Owner',
	password: 'Only-for-tests-1',
};

/** Starts n8n in a home, waits until it serves requests, and signs its owner in. */
export async function startServer(home: Home, options: ServerOptions = {}): Promise<Server> {
	const port = options.port ?? (await freePort());
	const child = await start(home.n8n.node, [home.n8n.entry, 'start'], {
		cwd: home.directory,
		env: {
			...home.env,
			N8N_PORT: String(port),
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			...options.env,
		},
		log: home.log,
	});
	const server: Server = { home, url: `http://localhost:${port}`, child, session: '' };
	try {
		await until(
			'n8n serves requests',
			async () => {
				if (hasEnded(child)) throw new Error('n8n ended while it was starting');
				// Earlier signs, such as /healthz, come before the routes are there.
				const answer = await fetch(`${server.url}/rest/settings`).catch(() => undefined);
				const isJson = answer?.headers.get('content-type')?.includes('json');
				// While its database is not ready, n8n answers everything with status 503 in JSON.
				return (answer?.ok && isJson) || undefined;
			},
			{ timeout: 180_000 },
		);
		server.session = options.session ?? (await signIn(server));
	} catch (error) {
		await killServer(server);
		throw await withLog(home, error);
	}
	return server;
}

/** Ends n8n the proper way: it finishes what it is doing. After a failed start there is none to end. */
export async function stopServer(server: Server | undefined): Promise<void> {
	if (!server) return;
	const timer = setTimeout(() => server.child.kill('SIGKILL'), 40_000);
	await end(server.child, 'SIGTERM');
	clearTimeout(timer);
}

/** Ends n8n at once, as a crash of the machine would. */
export async function killServer(server: Server): Promise<void> {
	await end(server.child, 'SIGKILL');
}

/** Calls the API that the editor uses and returns the answer's `data`. */
export async function rest<T = unknown>(
	server: Server,
	method: string,
	path: string,
	body?: unknown,
): Promise<T> {
	const answer = await send(server, method, path, body);
	if (!answer.ok) throw await errorFrom(server, answer);
	return ((await answer.json()) as { data: T }).data;
}

/** What n8n said when it did not do what was asked. */
async function errorFrom({ home }: Server, answer: Response): Promise<Error> {
	const body = await answer.text();
	const { message = body } = body.startsWith('{') ? (JSON.parse(body) as { message?: string }) : {};
	const { pathname } = new URL(answer.url);
	return await withLog(home, new Error(`n8n answered ${answer.status} at ${pathname}: ${message}`));
}

/** Sends a request to n8n as its owner. */
export async function send(
	server: Server,
	method: string,
	path: string,
	body?: unknown,
): Promise<Response> {
	return await fetch(`${server.url}${path}`, {
		method,
		headers: { 'content-type': 'application/json', cookie: server.session },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
}

async function signIn(server: Server): Promise<string> {
	const settings = await rest<{ userManagement: { showSetupOnFirstLoad: boolean } }>(
		server,
		'GET',
		'/rest/settings',
	);
	const answer = settings.userManagement.showSetupOnFirstLoad
		? await send(server, 'POST', '/rest/owner/setup', owner)
		: await send(server, 'POST', '/rest/login', {
				emailOrLdapLoginId: owner.email,
				password: owner.password,
			});
	const cookie = answer.headers.getSetCookie().find((text) => text.startsWith('n8n-auth='));
	if (!cookie) throw new Error(`n8n did not sign its owner in: ${await answer.text()}`);
	return cookie.split(';')[0]!;
}

/** Adds the end of n8n's log to an error. */
export async function withLog(home: Home, error: unknown): Promise<Error> {
	const log = await readFile(home.log, 'utf8').catch(() => '');
	const message = error instanceof Error ? error.message : String(error);
	return new Error(`${message}\n\nThe end of ${home.log}:\n${tail(log)}`, { cause: error });
}
