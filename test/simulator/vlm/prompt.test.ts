/** Prompts and the tasks that use them; and who may call the VLM part at all. */
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import { VLM_IDS } from './ids';

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const simulator = runSimulator();
const PROMPTS = '/vlm/v2/prompt/';
const TASKS = '/vlm/v2/task/';
const PROMPT = `${PROMPTS}${VLM_IDS.systemPrompt}/`;
const TASK = `${TASKS}${VLM_IDS.task}/`;
const DATASET = `/vlm/v2/dataset/${VLM_IDS.dataset}/`;
const CONTENT =
	'You are a helpful assistant that analyzes product images and provides structured data about them.';

async function patch(path: string, body: unknown) {
	return await call(simulator, path, { method: 'PATCH', body });
}

async function names(path: string): Promise<string[]> {
	const { body } = await call(simulator, path);
	return body.results.map((one: { name: string }) => one.name);
}

describe('access', () => {
	it.each([PROMPTS, TASKS, '/vlm/v2/dataset/', '/vlm/v2/variable/', '/vlm/v2/sample/'])(
		'%s is for accounts with VLM',
		async (path) => {
			const refused = await call(simulator, path, { as: 'free' });
			expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('VLM')]);
			expect((await call(simulator, path, { as: null })).status).toBe(401);
			simulator.control.changeAccount('free', { vlm: true });
			expect((await call(simulator, path, { as: 'free' })).status).toBe(200);
		},
	);

	it('needs no Content-Type where the seed prints none', async () => {
		const without = { headers: { 'Content-Type': null } };
		expect((await call(simulator, PROMPTS, without)).status).toBe(200);
		const set = `/vlm/v2/sample/${VLM_IDS.sample}/set-test/`;
		expect((await call(simulator, set, { method: 'POST', ...without })).status).toBe(200);
	});
});

describe('prompts', () => {
	it('are listed without their content', async () => {
		const { status, body } = await call(simulator, PROMPTS);
		expect(status).toBe(200);
		expect(body).toMatchObject({ count: 3, next: null, previous: null });
		expect(body.results[0]).toEqual({
			id: 'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
			name: 'Product Analysis System Prompt',
			description: 'System prompt for product image analysis',
			type: 'system',
			format: null,
			workspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
		});
	});

	it('are searched by name, type and workspace, and listed in pages', async () => {
		expect(await names(`${PROMPTS}?search=PROMPT`)).toEqual(['Product Analysis System Prompt']);
		expect(await names(`${PROMPTS}?type=template`)).toEqual(['Grade And Explain Template']);
		expect(await names(`${PROMPTS}?workspace=${IDS.secondWorkspace}`)).toEqual([]);
		expect((await call(simulator, `${PROMPTS}?type=other`)).status).toBe(400);
		simulator.control.changeSettings({ pageSize: 2 });
		const first = await call(simulator, PROMPTS);
		expect(first.body.next).toBe(`${simulator.url}${PROMPTS}?page=2`);
		expect((await call(simulator, first.body.next)).body.results).toHaveLength(1);
	});

	it('are read one by one', async () => {
		expect((await call(simulator, PROMPT)).body).toEqual({
			id: 'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
			name: 'Product Analysis System Prompt',
			description: 'System prompt for product image analysis',
			content: CONTENT,
			type: 'system',
			format: null,
			workspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
		});
		expect((await call(simulator, `${PROMPT}?workspace=${IDS.secondWorkspace}`)).status).toBe(404);
		expect((await call(simulator, `${PROMPTS}nonsense/`)).status).toBe(404);
	});

	it('are created as printed', async () => {
		const body = {
			name: 'Product Analysis System Prompt',
			type: 'system',
			description: 'System prompt for product image analysis',
			content: CONTENT,
		};
		const created = await call(simulator, PROMPTS, { body });
		expect(created.status).toBe(201);
		expect(created.body).toEqual({
			...body,
			id: UUID,
			format: null,
			workspace: IDS.defaultWorkspace,
		});
		expect((await call(simulator, `${PROMPTS}${created.body.id}/`)).body).toEqual(created.body);
	});

	it('are created in another workspace, with as little as may be', async () => {
		const body = { name: 'Short', type: 'user', format: 'csv', workspace: IDS.secondWorkspace };
		const created = await call(simulator, PROMPTS, { body });
		expect(created.body).toEqual({ ...body, id: UUID, description: null, content: '' });
	});

	it.each([
		['no name', { type: 'user' }, 'name'],
		['a blank name', { name: ' ', type: 'user' }, 'name'],
		['no type', { name: 'x' }, 'type'],
		['an unknown type', { name: 'x', type: 'assistant' }, 'type'],
		['an unknown format', { name: 'x', type: 'user', format: 'toml' }, 'format'],
		['content that is no text', { name: 'x', type: 'user', content: {} }, 'content'],
		['a misspelt field', { name: 'x', type: 'user', text: 'y' }, 'text'],
		[
			"a stranger's workspace",
			{ name: 'x', type: 'user', workspace: IDS.emptyWorkspace },
			'workspace',
		],
	])('are not created with %s', async (_, body, field) => {
		const answer = await call(simulator, PROMPTS, { body });
		expect([answer.status, Object.keys(answer.body)]).toEqual([400, [field]]);
		expect(simulator.state.vlm.prompts).toHaveLength(3);
	});

	it('are updated in what was sent, and seen so wherever they are used', async () => {
		const content =
			'You are a helpful assistant that analyzes product images. Provide structured JSON output.';
		const updated = await patch(PROMPT, { content });
		expect(updated.body).toMatchObject({ name: 'Product Analysis System Prompt', content });
		for (const path of [TASK, DATASET]) {
			expect((await call(simulator, path)).body.system_prompt).toBe(content);
		}
		const cleared = await patch(PROMPT, { format: 'json', description: null });
		expect(cleared.body).toMatchObject({ content, format: 'json', description: null });
		expect((await patch(PROMPT, { type: 'user' })).status).toBe(400);
		expect((await patch(PROMPT, { name: '' })).status).toBe(400);
	});

	it('leave null behind when they are deleted', async () => {
		for (const id of [VLM_IDS.systemPrompt, VLM_IDS.userPrompt, VLM_IDS.templatePrompt]) {
			const deleted = await call(simulator, `${PROMPTS}${id}/`, { method: 'DELETE' });
			expect([deleted.status, deleted.text]).toEqual([204, '']);
			expect((await call(simulator, `${PROMPTS}${id}/`)).status).toBe(404);
		}
		const nothing = {
			system_prompt_id: null,
			user_prompt_id: null,
			system_prompt: null,
			user_prompt: null,
		};
		expect((await call(simulator, TASK)).body).toMatchObject(nothing);
		expect((await call(simulator, DATASET)).body).toMatchObject({
			...nothing,
			result_template_id: null,
			result_template: null,
			result_format: null,
		});
	});
});
