/**
 * The demo: a real n8n with this package, a credential and the example workflows in it, on the
 * simulated Ximilar, or on the real one when XIMILAR_API_TOKEN is set.
 */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { imported, isLocator } from '../test/e2e/harness/chain';
import { executeByCommand, importCredentials, importWorkflows } from '../test/e2e/harness/cli';
import { createHome, removeHome } from '../test/e2e/harness/home';
import { installN8n } from '../test/e2e/harness/install';
import { packProject, projectDirectory } from '../test/e2e/harness/pack';
import { owner, startServer, stopServer } from '../test/e2e/harness/server';
import type { Workflow } from '../test/e2e/harness/workflows';
import { makeImages } from '../test/images/make';
import { photo } from '../test/images/photo';
import { createSimulator } from '../test/simulator/server';
import { IDS, TOKENS } from '../test/simulator/state';
import { VLM_IDS } from '../test/simulator/vlm/ids';

const CREDENTIAL = { id: 'ximilar', name: 'Ximilar' };
const SHOWN_FIRST = 'classify-and-read-images';

const { values: options } = parseArgs({
	options: {
		once: { type: 'boolean', default: false },
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

/**
 * An example with the demo's files and, as far as its Ximilar has them, the things it works on. What
 * the user has to choose beyond that stays red.
 */
async function filledExample(
	name: string,
	files: string,
	{ baseUrl, task, simulated }: Awaited<ReturnType<typeof service>>,
): Promise<Workflow> {
	const texts: Record<string, string> = {
		'/home/node/.n8n-files': files,
		...(simulated && {
			'https://example.com/invoice-1.jpg': `${baseUrl}/images/invoice-baseline.jpg`,
			'https://example.com/invoice-2.jpg': `${baseUrl}/images/scan-grayscale.png`,
			'https://example.com/photo.jpg': `${baseUrl}/images/label-rgb.png`,
		}),
	};
	const choices: Record<string, string | undefined> = {
		'ximilarRecognition task': task,
		...(simulated && {
			'ximilarVlm task': VLM_IDS.task,
			'ximilarVlm dataset': VLM_IDS.dataset,
		}),
	};
	const workflow = await imported(`${name}.json`, { ximilarApi: CREDENTIAL }, texts);
	for (const { type, parameters = {} } of workflow.nodes) {
		for (const [field, value] of Object.entries(parameters)) {
			const choice = choices[`${type.split('.')[1]} ${field}`];
			if (choice && isLocator(value) && value.value === '') value.value = choice;
		}
	}
	return workflow;
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
		for (const kind of ['phone', 'camera'] as const)
			await writeFile(path.join(images, `photo-${kind}.jpg`), await photo(kind));
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
				...(await filledExample(name, home.files, ximilar)),
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
		if (options.once) return;

		say('Starting the editor …');
		const server = await startServer(home, { port: Number(options.port) });
		const link = (id: string) => `${server.url}/workflow/${id}`;
		say('The examples:');
		for (const { id, name } of workflows) console.log(`  ${name}\n    ${link(id)}`);
		console.log(
			`\nOpen ${link(SHOWN_FIRST)}\n  e-mail    ${owner.email}\n  password  ${owner.password}\n\nCtrl-C ends it.`,
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
