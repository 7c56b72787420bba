import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testImage } from '../images/make';
import { setUpBench } from './harness/bench';
import { chain } from './harness/chain';
import { itemsNode, ximilarNode } from './harness/links';

/** n8n's own protection against requests to private addresses, which newer versions have, covers images. */

/** Stands for a private address: all of 127.0.0.0/8 is this machine, and only this one is forbidden. */
const PRIVATE = '127.0.0.2';

const bench = setUpBench('n8n-2', 'privateAddresses', {
	N8N_SSRF_PROTECTION_ENABLED: 'true',
	N8N_SSRF_BLOCKED_IP_RANGES: `${PRIVATE}/32`,
});

/** Serves an image at an address of this machine; /to?ADDRESS redirects there. */
async function serve(host: string, image: Buffer) {
	let calls = 0;
	const server = createServer(({ url = '' }, response) => {
		calls++;
		if (url.startsWith('/to?')) response.writeHead(302, { location: url.slice(4) }).end();
		else response.setHeader('content-type', 'image/png').end(image);
	});
	await new Promise<void>((resolve) => server.listen(0, host, resolve));
	const { port } = server.address() as AddressInfo;
	return {
		calls: () => calls,
		at: (path: string) => `http://${host}:${port}/${path}`,
		stop: () => server.close(),
	};
}

it('is heeded when an image is fetched, also where a redirect leads', async () => {
	const { data } = await testImage('label-rgb.png');
	const open = await serve('127.0.0.1', data);
	const forbidden = await serve(PRIVATE, data);
	try {
		const addresses = [
			open.at('a.png'),
			forbidden.at('b.png'),
			open.at(`to?${forbidden.at('c.png')}`),
			open.at(`to?${open.at('d.png')}`),
		];
		const upload = ximilarNode(
			'Recognition',
			'trainingImage',
			'upload',
			{ imageSource: 'url', imageUrls: '={{ $json.url }}' },
			{ onError: 'continueRegularOutput' },
		);
		const items = itemsNode(...addresses.map((url) => ({ url })));
		const { nodes } = await bench.run(chain('Test', items, upload));
		const error = expect.stringContaining('n8n does not allow requests to its address');
		const taken = expect.objectContaining({ id: expect.any(String) });
		expect(nodes.Ximilar!.items.map(({ json }) => json)).toEqual([
			taken,
			expect.objectContaining({ error }),
			expect.objectContaining({ error }),
			taken,
		]);
		expect([open.calls(), forbidden.calls()]).toEqual([4, 0]);
	} finally {
		open.stop();
		forbidden.stop();
	}
});
