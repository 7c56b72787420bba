import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installTools } from '../e2e/harness/install';
import { projectDirectory } from '../e2e/harness/pack';
import { run } from '../e2e/harness/process';
import { unpack } from './registry';

/**
 * n8n's own scanner, by which it verifies packages: its rules on the sources and on what is packed. The rest
 * of it asks npm's registry for the provenance of a published version.
 */
describe("n8n's scanner", () => {
	let tools: string;
	let packed: string;
	let sources: string;

	beforeAll(async () => {
		tools = await installTools(path.join(__dirname, 'tools'), 'verdaccio');
		packed = await unpack(process.env.E2E_TARBALL!);
		// As a fresh checkout has them: what was built or installed beside them is none of them.
		sources = await mkdtemp(path.join(tmpdir(), 'sources-'));
		for (const part of ['package.json', 'nodes', 'credentials', 'icons'])
			await cp(path.join(projectDirectory, part), path.join(sources, part), { recursive: true });
	});

	afterAll(async () => await rm(sources, { recursive: true, force: true }));

	const scan = async (folder: string, kind: 'sources' | 'packed') =>
		await run(process.execPath, [path.join(__dirname, 'scan.mjs'), tools, folder, kind], {
			// Its rules act differently where they believe to be under test themselves.
			env: { ...process.env, NODE_ENV: 'production' },
		});

	it('passes what is packed', async () => {
		expect(await scan(packed, 'packed')).toMatchObject({ code: 0, output: '' });
	});

	it('passes the sources', async () => {
		expect(await scan(sources, 'sources')).toMatchObject({ code: 0, output: '' });
	});

	it('refuses what n8n refuses', async () => {
		const node = path.join(packed, 'dist/nodes/XimilarOcr/XimilarOcr.node.js');
		await writeFile(node, `${await readFile(node, 'utf8')}\nconsole.log('read');\n`);
		const { code, output } = await scan(packed, 'packed');
		expect(code).toBe(1);
		expect(output).toContain('no-console');
	});
});
