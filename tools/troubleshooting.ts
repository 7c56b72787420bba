/**
 * docs/troubleshooting.md: what users are told when something goes wrong, by the message. Each row is
 * a run in n8n's engine on a simulated Ximilar that is in this state, so that the texts are those of the nodes.
 */
import 'reflect-metadata';
import path from 'node:path';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { testImage } from '../test/images/make';
import { createSimulator, type Simulator } from '../test/simulator/server';
import { IDS, TOKENS } from '../test/simulator/state';
import { VLM_IDS } from '../test/simulator/vlm/ids';
import { byId, files, runNode } from '../test/workflow/workflow';
import { nodesOfPackage, root } from './nodes';

export const TROUBLESHOOTING = path.join(root, 'docs/troubleshooting.md');

interface Trouble {
	node: 'Account' | 'Ocr' | 'Recognition' | 'Vlm';
	resource: string;
	operation: string;
	parameters?: IDataObject;
	/** The file that the item brings; none when null. */
	image?: string | null;
	credential?: { apiToken?: string; baseUrl?: string };
	/** Brings the simulator into the state. */
	state?: (simulator: Simulator) => void;
}

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const account = { node: 'Account', resource: 'account', operation: 'get' } as const;
const classify = {
	node: 'Recognition',
	resource: 'image',
	operation: 'classify',
	parameters: { task: byId(IDS.coloursTask) },
} as const;
const read = { node: 'Ocr', resource: 'image', operation: 'read' } as const;
const datasets = { node: 'Vlm', resource: 'dataset', operation: 'getAll' } as const;
const readFrom = (imageUrls: string) => ({
	...read,
	parameters: { imageSource: 'url', imageUrls },
});
const fails = (path: string, fault: object) => (simulator: Simulator) =>
	void simulator.control.addFaults({ match: { path }, times: 'always', ...fault });

const SECTIONS: Record<string, Trouble[]> = {
	'Credential and account': [
		{ ...account, credential: { apiToken: 'wrong' } },
		{ ...account, credential: { baseUrl: 'http://api.ximilar.com' } },
		{ ...account, credential: { baseUrl: 'http://127.0.0.1:9' } },
		{ ...account, state: fails('account', { html: true }) },
		{
			...classify,
			credential: { apiToken: TOKENS.business },
			state: ({ control }) => {
				const { creditsLimit: creditsUsed } = control.account('business');
				control.changeAccount('business', { creditsUsed });
			},
		},
		{ ...datasets, credential: { apiToken: TOKENS.free } },
	],
	Images: [
		{ ...read, image: 'document.pdf' },
		{ ...read, image: null },
		{ ...read, image: 'truncated.jpg' },
		readFrom('https://drive.google.com/file/d/1AbC/view'),
		readFrom('invoice.jpg'),
	],
	'Tasks, labels and other things': [
		{ ...classify, parameters: { task: byId(IDS.untrainedTask) } },
		{ ...classify, parameters: { task: byId(UNKNOWN) } },
		{ ...classify, parameters: { task: byId('={{ $json.task }}') } },
		{
			node: 'Recognition',
			resource: 'label',
			operation: 'get',
			parameters: { label: byId(UNKNOWN) },
		},
		{
			node: 'Recognition',
			resource: 'task',
			operation: 'train',
			parameters: { task: byId(IDS.untrainedTask) },
		},
		{
			node: 'Vlm',
			resource: 'sample',
			operation: 'setVariableValues',
			parameters: {
				dataset: byId(VLM_IDS.dataset),
				sample: byId(VLM_IDS.sample),
				valueSource: 'json',
				valuesJson: '{ "grade": 11 }',
			},
		},
	],
	'Ximilar and the network': [
		{
			...read,
			parameters: { options: { rateLimitWait: 0 } },
			state: fails('ocr', { answer: { status: 429, retryAfter: { seconds: 0 } } }),
		},
		{ ...read, state: fails('ocr', { html: true }) },
		{ ...read, state: fails('ocr', { answer: { status: 500, retryAfter: { seconds: 0 } } }) },
		{
			node: 'Recognition',
			resource: 'label',
			operation: 'create',
			parameters: { name: 'Striped' },
			state: fails('label', { cut: 'json' }),
		},
	],
};

/** What a user reads: what happened, and what to do. */
interface Told {
	message: string;
	description: string;
}

/** @throws Error when nothing goes wrong */
async function told(simulator: Simulator, trouble: Trouble): Promise<Told> {
	const { node, resource, operation, parameters, credential, image = 'label-rgb.png' } = trouble;
	simulator.control.reset();
	trouble.state?.(simulator);
	const name = `Ximilar${node}`;
	const { node: made } = (await nodesOfPackage()).find(({ className }) => className === name)!;
	const file = image === null ? undefined : await testImage(image);
	const { error } = await runNode({
		node: made,
		parameters: { resource, operation, ...parameters } as INodeParameters,
		items: [
			{
				json: {},
				binary: file && files({ data: { name: file.file, bytes: file.data, type: file.type } }),
			},
		],
		credential: { apiToken: TOKENS.business, baseUrl: simulator.url, ...credential },
	});
	if (!error) throw new Error(`${name} ${resource} ${operation} was to fail`);
	const fixed = (text: string) =>
		text
			.replaceAll(simulator.url, 'https://api.ximilar.com')
			.replaceAll(/(?<=request_id )[0-9a-f-]{36}/g, '…');
	return { message: fixed(error.message), description: fixed(error.description ?? '') };
}

const inCell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The whole page, as Markdown. */
export async function troubleshooting(): Promise<string> {
	const simulator = createSimulator();
	await simulator.start();
	const lines = [
		'# Troubleshooting',
		'',
		'By the message that a node shows. Under On Error: Continue, it stands in `error`, and what to do in `message`. Names, addresses and numbers are those of your workflow. Written by `npm run docs` from runs of the nodes.',
	];
	try {
		for (const [title, troubles] of Object.entries(SECTIONS)) {
			lines.push('', `## ${title}`, '', '| Message | What to do |', '| --- | --- |');
			for (const trouble of troubles) {
				const { message, description } = await told(simulator, trouble);
				lines.push(`| ${inCell(message)} | ${inCell(description)} |`);
			}
		}
	} finally {
		await simulator.stop();
	}
	return [...lines, ''].join('\n');
}
