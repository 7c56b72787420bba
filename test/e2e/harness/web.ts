import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server on loopback that has some images. */
export interface WebServer {
	/** The address of a file, whether it is there or not. */
	address(file: string): string;
	/** How often a file was asked for. */
	fetches(): number;
	stop(): Promise<void>;
}

/** Serves PNG images by their file names. */
export async function servePngs(
	images: ReadonlyArray<{ file: string; bytes: Buffer }>,
): Promise<WebServer> {
	const byPath = new Map(images.map(({ file, bytes }) => [`/${file}`, bytes]));
	let fetches = 0;
	const server = createServer((request, response) => {
		fetches++;
		// An address may be signed, in its query.
		const bytes = byPath.get((request.url ?? '').split('?')[0]!);
		if (bytes) response.setHeader('content-type', 'image/png').end(bytes);
		else response.writeHead(404).end('Not found');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		address: (file) => `http://127.0.0.1:${port}/${file}`,
		fetches: () => fetches,
		stop: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
