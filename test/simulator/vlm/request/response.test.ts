/** What the model answers, in which form, and by which prompts. */
import { call } from '../../caller';
import { VLM_IDS } from '../ids';
import { runRequests } from './caller';

const { simulator, imageUrl, messages, submitted, detail, pass } = runRequests();
const { control } = simulator;

async function answered(...args: Parameters<typeof submitted>) {
	const id = await submitted(...args);
	pass(1000);
	return await detail(id);
}

function about(...files: string[]) {
	return { request: { messages: messages(files.map(imageUrl)) } };
}

describe('the response', () => {
	it('is about the images, in their order', async () => {
		const files = ['invoice-baseline.jpg', 'label-rgb.png', 'phone-rotated.jpg'];
		expect((await answered(about(...files))).response).toMatchObject({
			colour: 'Red',
			images: 3,
			explain: 'Seen: Red 640x480, Yellow 640x480, Green 600x800',
		});
		expect((await answered(about(...files.reverse()))).response).toMatchObject({
			colour: 'Green',
			explain: 'Seen: Green 600x800, Yellow 640x480, Red 640x480',
		});
	});

	it('is the same for the same images, as addresses and as data', async () => {
		const { response } = await answered(about('box-progressive.jpg'));
		expect((await answered(about('box-progressive.jpg'))).response).toEqual(response);
		const bytes = await (await fetch(imageUrl('box-progressive.jpg'))).arrayBuffer();
		const url = `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`;
		const inline = await answered({ request: { messages: messages([url]) } });
		expect(inline.response).toEqual(response);
		expect(response.grade * 2).toBe(Math.round(response.grade * 2));
	});

	it('grades images differently', async () => {
		const grades = new Set<number>();
		for (const file of ['badge.gif', 'label-rgb.png', 'scanner.bmp', 'invoice-baseline.jpg']) {
			grades.add((await answered(about(file))).response.grade);
		}
		expect(grades.size).toBeGreaterThan(1);
	});

	it('has the form of the dataset, or of the prompt', async () => {
		expect((await answered()).response).toMatchObject({ colour: 'Grey' });
		const caption = { task_id: VLM_IDS.captionTask };
		expect((await answered(caption)).response).toMatch(/^Seen: Grey .* Graded [\d.]+ of 10\.$/);
		const body = { name: 'In CSV', type: 'user', content: 'Look.', format: 'csv' };
		const { id } = (await call(simulator, '/vlm/v2/prompt/', { body })).body;
		expect((await answered({ ...caption, user_prompt_id: id })).response).toMatch(
			/^grade,colour,images,explain\n[\d.]+,"Grey",1,"Seen: Grey \d+x\d+"$/,
		);
	});

	it.each([
		['json_text', /^\{"grade":[\d.]+,"colour":"Grey","images":1,"explain":"Seen: Grey \d+x\d+"\}$/],
		['yaml', /^grade: [\d.]+\ncolour: "Grey"\nimages: 1\nexplain: "Seen: Grey \d+x\d+"$/],
		['xml', /^<result>\n<grade>[\d.]+<\/grade>\n<colour>Grey<\/colour>\n.*\n.*\n<\/result>$/],
		['csv', /^grade,/],
		['text', /^Seen/],
	] as const)('can be %s by a setting', async (vlmResponse, text) => {
		control.changeSettings({ vlmResponse });
		expect((await answered()).response).toMatch(text);
	});
});

describe('usage', () => {
	it('grows with the prompts and the images', async () => {
		const small = (await answered({ text: 'Look.' })).usage;
		expect(small.total_tokens).toBe(small.prompt_tokens + small.completion_tokens + 240);
		const large = (await answered({ text: 'Look closely. '.repeat(20) })).usage;
		expect(large.prompt_tokens).toBeGreaterThan(small.prompt_tokens + 50);
		const two = (await answered(about('badge.gif', 'badge.gif'))).usage;
		expect(two.total_tokens - two.prompt_tokens - two.completion_tokens).toBe(480);
	});
});

describe('prompts', () => {
	const saved = { system_prompt_id: VLM_IDS.systemPrompt, user_prompt_id: VLM_IDS.userPrompt };
	const inline = () => ({
		messages: [
			{ role: 'system', content: 'Inline system.' },
			...messages([imageUrl()], 'Inline user.'),
		],
	});
	const promptsOf = async (body: Record<string, unknown>) =>
		control.vlm.request(await submitted(body)).work.prompts;

	it('are the saved ones first, then those in the request, then those of the task', async () => {
		const byTask = {
			system: expect.stringMatching(/^You are/),
			user: expect.stringMatching(/^Analyse/),
		};
		const { captionTask: task_id } = VLM_IDS;
		expect(await promptsOf({ request: inline(), ...saved })).toEqual(byTask);
		expect(await promptsOf({ request: inline() })).toEqual({
			system: 'Inline system.',
			user: 'Inline user.',
		});
		expect(await promptsOf({})).toEqual(byTask);
		expect(await promptsOf({ task_id })).toEqual({ system: null, user: null });
		expect(await promptsOf({ task_id, ...saved })).toEqual(byTask);
	});

	it('are chosen one by one', async () => {
		const { system_prompt_id } = saved;
		expect(await promptsOf({ text: 'Inline user.', system_prompt_id })).toEqual({
			system: expect.stringMatching(/^You are/),
			user: 'Inline user.',
		});
	});
});
