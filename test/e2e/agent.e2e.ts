import path from 'node:path';
import { makeImages, type ImageFacts } from '../images/make';
import { IDS } from '../simulator/state';
import { VLM_IDS } from '../simulator/vlm/ids';
import { CREDENTIALS, setUpBench } from './harness/bench';
import { importCredentials } from './harness/cli';
import type { Execution } from './harness/execution';
import { n8nLines, type N8nLine } from './harness/install';
import { byId } from './harness/links';
import { startModel, type Move, type ScriptedModel } from './harness/model';
import { createWorkflow, runWorkflow, type Workflow } from './harness/workflows';

/** The nodes as tools of n8n's own AI Agent, with a scripted model in the place of OpenAI's. */

/**
 * The agent of each version of n8n, and what becomes of a tool's error: this agent of n8n 1 gives the
 * model an empty text instead, so that its tools have to go on.
 */
const AGENT: Record<N8nLine, { version: number; onError?: string }> = {
	'n8n-2': { version: 3.1 },
	'n8n-1': { version: 2.2, onError: 'continueRegularOutput' },
};

const OPENAI = { id: 'openai', name: 'OpenAI' };

/** A tool as a user adds it: all that is not said stays as n8n sets it. */
interface Tool {
	name: string;
	node: 'Account' | 'Ocr' | 'Recognition' | 'Vlm';
	parameters: object;
}

const fromModel = (key: string, description: string) =>
	`={{ $fromAI('${key}', '${description}', 'string') }}`;

const ADDRESSES = fromModel('image_addresses', 'The addresses of the images, one a line');

const TOOLS: Tool[] = [
	{
		name: 'Find Tasks',
		node: 'Recognition',
		parameters: { resource: 'task', operation: 'getAll' },
	},
	{
		name: 'Classify Image',
		node: 'Recognition',
		parameters: {
			resource: 'image',
			operation: 'classify',
			task: byId(fromModel('task', 'The name of a task')),
			imageUrls: ADDRESSES,
		},
	},
	{
		name: 'Read Text',
		node: 'Ocr',
		parameters: { resource: 'image', operation: 'read', imageUrls: ADDRESSES },
	},
	{
		name: 'Ask About Images',
		node: 'Vlm',
		parameters: {
			resource: 'request',
			operation: 'submit',
			task: byId(VLM_IDS.task),
			imageUrls: ADDRESSES,
			instruction: fromModel('question', 'What to find out'),
			waitForCompletion: true,
		},
	},
];

describe.each(n8nLines)('%s', (line) => {
	const bench = setUpBench(line, 'agent');
	const { simulator } = bench;
	let model: ScriptedModel;
	let images: ImageFacts[];

	beforeAll(async () => {
		model = await startModel();
		images = await makeImages(path.join(bench.home.files, 'images'));
		const data = { apiKey: 'only-for-tests', url: model.url };
		await importCredentials(bench.home, [{ ...OPENAI, type: 'openAiApi', data }]);
	});

	afterAll(async () => await model?.stop());

	const address = (file: string) => `${simulator.url}/images/${file}`;
	const colourOf = (name: string) => images.find(({ file }) => file === name)!.colour;

	describe(`AI Agent ${AGENT[line].version}`, () => {
		/** Lets the scripted model talk, and ends with what it says. */
		const chat = async (...moves: Array<(lastResult: string) => Move>): Promise<Execution> => {
			model.script(...moves);
			const id = await createWorkflow(bench.server, agentWorkflow(AGENT[line]));
			const execution = await runWorkflow(bench.server, id, {
				from: 'Chat',
				item: { sessionId: 'test', action: 'sendMessage', chatInput: 'Go on' },
			});
			expect(model.failure).toBeUndefined();
			expect(execution.status).toBe('success');
			return execution;
		};

		it('finds a task, and classifies an image by its name', async () => {
			const file = 'invoice-baseline.jpg';
			const execution = await chat(
				() => ({ call: 'Find_Tasks', with: {} }),
				(tasks) => {
					const [, task] = /"name":"(Product colours)"/.exec(tasks)!;
					return { call: 'Classify_Image', with: { task, image_addresses: address(file) } };
				},
				(labels) => {
					expect(labels).toContain(`"label":"${colourOf(file)}"`);
					return { say: 'Done' };
				},
			);
			expect(execution.nodes.Agent!.items[0]!.json.output).toBe('Done');
		});

		it('reads the text of two images at once', async () => {
			const files = ['invoice-baseline.jpg', 'label-rgb.png'];
			await chat(
				() => ({ call: 'Read_Text', with: { image_addresses: files.map(address).join('\n') } }),
				(texts) => {
					expect(texts).toContain('INVOICE 2026-014 TOTAL 84.50 EUR');
					for (const file of files) expect(texts).toContain(`"image":"${address(file)}"`);
					return { say: 'Done' };
				},
			);
		});

		it('submits a request, and has its answer in the same call', async () => {
			const file = 'label-rgb.png';
			await chat(
				() => ({
					call: 'Ask_About_Images',
					with: { image_addresses: address(file), question: 'What colour is it?' },
				}),
				(answer) => {
					expect(answer).toContain('"status":"DONE"');
					expect(answer).toContain(`"colour":"${colourOf(file)}"`);
					return { say: 'Done' };
				},
			);
		});

		it('is told how to mend what was refused, and mends it', async () => {
			const image = address('invoice-baseline.jpg');
			await chat(
				() => ({ call: 'Read_Text', with: { image_addresses: address('document.pdf') } }),
				(refusal) => {
					expect(refusal).toContain('Ximilar does not take PDF files');
					expect(refusal).toContain('Convert it to PNG or JPEG first');
					return {
						call: 'Classify_Image',
						with: { task: IDS.untrainedTask, image_addresses: image },
					};
				},
				(refusal) => {
					expect(refusal).toContain('is not trained yet');
					expect(refusal).toContain('Start its training');
					return {
						call: 'Classify_Image',
						with: { task: IDS.coloursTask, image_addresses: image },
					};
				},
				(labels) => {
					expect(labels).toContain(`"label":"${colourOf('invoice-baseline.jpg')}"`);
					return { say: 'Done' };
				},
			);
		});
	});
});

/** A chat with an AI Agent that has a model and the tools. */
function agentWorkflow({ version, onError }: (typeof AGENT)[N8nLine]): Workflow {
	const subNodes = [
		{
			name: 'Model',
			type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
			typeVersion: 1.2,
			parameters: { model: byId('gpt-4.1-mini'), options: {} },
			credentials: { openAiApi: OPENAI },
		},
		...TOOLS.map(({ name, node, parameters }) => ({
			name,
			type: `n8n-nodes-ximilar.ximilar${node}Tool`,
			typeVersion: 1,
			parameters,
			onError,
			credentials: CREDENTIALS,
		})),
	];
	const nodes = [
		{
			name: 'Chat',
			type: '@n8n/n8n-nodes-langchain.chatTrigger',
			typeVersion: 1.1,
			parameters: { options: {} },
			webhookId: '0b92845d-4635-5408-822e-34870cb3a546',
		},
		{
			name: 'Agent',
			type: '@n8n/n8n-nodes-langchain.agent',
			typeVersion: version,
			parameters: { options: {} },
		},
		...subNodes,
	].map((node, at) => ({ position: [at * 220, 0], ...node }));
	const to = (type: string) => ({ [type]: [[{ node: 'Agent', type, index: 0 }]] });
	const connections = Object.fromEntries([
		['Chat', to('main')],
		...subNodes.map(({ name }) => [name, to(name === 'Model' ? 'ai_languageModel' : 'ai_tool')]),
	]) as object;
	return { name: 'Agent', nodes, connections, settings: { executionOrder: 'v1' } };
}
