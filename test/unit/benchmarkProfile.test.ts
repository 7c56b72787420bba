import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sharesOf } from '../bench/profile';

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'profile-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

const CACHE = 'file:///home/someone/.cache/n8n-nodes-ximilar/n8n-2/node_modules';

/** A profile of calls, each made by the one before it, that took a millisecond each. */
async function profileOf(...frames: Array<[name: string, url: string]>): Promise<string> {
	const all = [['(root)', ''], ...frames];
	const nodes = all.map(([functionName, url], id) => ({
		id,
		callFrame: { functionName, url },
		children: id + 1 < all.length ? [id + 1] : [],
	}));
	const samples = frames.map((_, at) => at + 1);
	const file = path.join(folder, 'a.cpuprofile');
	const startTime = Number(process.hrtime.bigint() / 1000n);
	const timeDeltas = samples.map(() => 1000);
	await writeFile(file, JSON.stringify({ nodes, startTime, samples, timeDeltas }));
	return file;
}

test('CPU time belongs to the package whose code it is, wherever n8n is installed', async () => {
	const file = await profileOf(
		[
			'send',
			'file:///tmp/n8n/nodes/node_modules/n8n-nodes-ximilar/dist/nodes/shared/api/client.js',
		],
		['update', 'node:internal/crypto/hash'],
		['getDecrypted', `${CACHE}/n8n/dist/credentials-helper.js`],
		['dispatchRequest', `${CACHE}/axios/dist/node/axios.cjs`],
		['readFile', 'node:internal/fs/promises'],
		['base64Slice', ''],
		['(idle)', ''],
	);
	expect(await sharesOf(file, Date.now() - 60_000, Date.now() + 60_000)).toEqual({
		ours: 2,
		n8n: 1,
		http: 1,
		files: 1,
		base64: 1,
	});
});
