/**
 * The demo: a real n8n with this package, a credential and the example workflows in it, on the
 * simulated Ximilar, or on the real one when XIMILAR_API_TOKEN is set.
 */
import { mkdir, readFile, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { example, type Replacements } from '../test/e2e/harness/chain';
import { executeByCommand, importCredentials, importWorkflows } from '../test/e2e/harness/cli';
import { createHome, removeHome } from '../test/e2e/harness/home';
import { installN8n } from '../test/e2e/harness/install';
import { packProject, projectDirectory } from '../test/e2e/harness/pack';
import { owner, startServer, stopServer } from '../test/e2e/harness/server';
import { makeImages } from '../test/images/make';
import { createSimulator } from '../test/simulator/server';
import { IDS, TOKENS } from '../test/simulator/state';
import { VLM_IDS } from '../test/simulator/vlm/ids';

const CREDENTIAL = { id: 'ximilar', name: 'Ximilar' };
const SHOWN_FIRST = 'classify-and-read-images';

const { values: options } = parseArgs({
	options: {
		memoize: { type: 'boolean', default: false },
		port: { type: 'string', default: '5678' },
		help: { type: 'boolean', short: 'h', default: false },
	},
});

const say = (text: string) => console.log(`\n▸ ${text}`);

/** The service to use: its address, a token, and a task that can classify. */
async function service() {
	const apiToken = process.env.XIMILAR_API_TOKEN;
	if (!apiToken) {
		const simulator = createSimulator();
		const baseUrl = await simulator.start();
		say(`Simulated Ximilar at ${baseUrl} (set XIMILAR_API_TOKEN to use the real one)`);
		const end = async () => await simulator.stop();
		return { apiToken: TOKENS.business, baseUrl, task: IDS.coloursTask, simulated: true, end };
	}
	const baseUrl = 'https://api.ximilar.com';
	say(`Ximilar at ${baseUrl}, with your token: analysing the images costs credits`);
	const answer = await fetch(`${baseUrl}/recognition/v2/task/`, {
		headers: { Authorization: `Token ${apiToken}`, 'Content-Type': 'application/json' },
	});
	if (!answer.ok) throw new Error(`Ximilar refused the token: status ${answer.status}`);
	const { results } = (await answer.json()) as {
		results: Array<{ id: string; production_version: number }>;
	};
	const trained = results.find(({ production_version: version }) => version >= 0);
	if (!trained) throw new Error('Your account has no trained recognition task to classify with.');
	return { apiToken, baseUrl, task: trained.id, simulated: false, end: async () => {} };
}

/** What is put into an example's places: the demo's files, and things that its Ximilar has. */
async function replacementsFor(
	file: string,
	files: string,
	{ baseUrl, task, simulated }: Awaited<ReturnType<typeof service>>,
): Promise<Replacements> {
	const text = await readFile(path.join(projectDirectory, 'examples', file), 'utf8');
	const first = '00000000-0000-0000-0000-000000000000';
	const replacements: Replacements = {
		'/home/node/.n8n-files': files,
		...(text.includes('ximilarVlm') ? {} : { [first]: task }),
		...(simulated && {
			...(text.includes('ximilarVlm') && { [first]: VLM_IDS.task }),
			'00000000-0000-0000-0000-000000000001': VLM_IDS.dataset,
			'https://example.com/invoice-1.jpg': `${baseUrl}/images/invoice-baseline.jpg`,
			'https://example.com/invoice-2.jpg': `${baseUrl}/images/scan-grayscale.png`,
		}),
	};
	return Object.fromEntries(Object.entries(replacements).filter(([from]) => text.includes(from)));
}

async function main(): Promise<void> {
	if (options.help) {
		console.log('npm run demo [-- --once] [-- --port 5678]\n  --once  end after the table');
		return;
	}
	say('Installing n8n (some minutes the first time, kept for later) …');
	const n8n = await installN8n('n8n-2');
	say('Building and packing the nodes …');
	const { tarball } = await packProject();
	const ximilar = await service();
	const home = await createHome(n8n, { name: 'demo', tarball });
	try {
		const images = path.join(home.files, 'images');
		const made = await makeImages(path.join(home.files, 'made'));
		await mkdir(images);
		for (const { file, kind } of made) {
			// The broken ones are for tests.
			if (kind !== 'broken')
				await rename(path.join(home.files, 'made', file), path.join(images, file));
		}
		say('Putting the credential and the example workflows into n8n …');
		const { apiToken, baseUrl } = ximilar;
		await importCredentials(home, [
			{ ...CREDENTIAL, type: 'ximilarApi', data: { apiToken, baseUrl } },
		]);
		const files = await readdir(path.join(projectDirectory, 'examples'));
		const names = files
			.filter((file) => file.endsWith('.json'))
			.map((file) => path.basename(file, '.json'));
		const workflows = await Promise.all(
			names.map(async (name) => ({
				...(await example(
					`${name}.json`,
					CREDENTIAL,
					await replacementsFor(`${name}.json`, home.files, ximilar),
				)),
				id: name,
				active: false,
			})),
		);
		await importWorkflows(home, workflows);

		say(`Running "${workflows.find(({ id }) => id === SHOWN_FIRST)!.name}" …`);
		const execution = await executeByCommand(home, SHOWN_FIRST);
		const rows = execution.nodes.Rows?.items.map(({ json }) => json);
		if (execution.error || !rows)
			throw new Error(execution.error?.message ?? 'The workflow gave no rows.');
		console.table(rows, ['file', 'label', 'probability', 'text']);
		for (const { file, note } of rows) if (note) console.log(`${String(file)}: ${String(note)}`);
		if (options.memoize) return;

		say('Starting the editor …');
		const server = await startServer(home, { port: Number(options.port) });
		console.log(
			`\nThe editor is open at ${server.url}\n  e-mail    ${owner.email}\n  password  ${owner.password}\n\nCtrl-C ends it.`,
		);
		await new Promise<void>((resolve) => {
			for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
		});
		await stopServer(server);
	} finally {
		await ximilar.end();
		await removeHome(home);
	}
}

main().then(
	() => process.exit(0),
	(error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		process.exit(1);
	},
);
