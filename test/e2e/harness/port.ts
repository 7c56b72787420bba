import type { ChildProcess } from 'node:child_process';
import { connect, createServer, type AddressInfo } from 'node:net';
import { hasEnded, until } from './process';

/** A TCP port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/**
 * Waits until a server listens on its port of loopback.
 * @param log where the server writes what goes wrong
 */
export async function untilListens(
	name: string,
	child: ChildProcess,
	port: number,
	log: string,
): Promise<void> {
	await until(`${name} listens`, async () => {
		if (hasEnded(child)) throw new Error(`${name} ended while it was starting: see ${log}`);
		return (await listens(port)) || undefined;
	});
}

async function listens(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}
