import { readFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import { REFERENCE } from '../../tools/docs';

/**
 * The one language of all rows, over the row that the reference shows of each operation. The
 * reference is made of runs of all operations, and another test keeps it true.
 */

/** What is in them is named by users and models. */
const NAMED_BY_USERS = ['default_input_meta_data', 'input_meta_data', 'meta_data', 'values'];
/** Ximilar's own names for a workspace's ID. */
const WORKSPACES = ['default_workspace', 'workspace'];
/** What was done with several things, and what was not: IDs, or names of fields. */
const LISTS = ['added', 'already_there', 'changed', 'not_there', 'removed'];
/** Another word stands for them. */
const OTHER_WORDS: Record<string, string> = {
	metadata: 'meta_data',
	prob: 'probability',
	thumb: 'thumbnail_url',
	thumb_url: 'thumbnail_url',
};

const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isId = (value: unknown) => typeof value === 'string' && UUID.test(value);

/** What is wrong with a field. */
function faultsOf(key: string, value: unknown): string[] {
	const isNamedAsId = key === 'id' || key.endsWith('_id') || WORKSPACES.includes(key);
	const isNamedAsIds = key.endsWith('_ids') || LISTS.includes(key);
	return [
		SNAKE_CASE.test(key) ? '' : `${key} is not in snake_case`,
		key in OTHER_WORDS ? `${key} is called ${OTHER_WORDS[key]}` : '',
		isId(value) && !isNamedAsId ? `${key} is an ID: it ends in _id` : '',
		Array.isArray(value) && value.some(isId) && !isNamedAsIds ? `${key} ends in _ids` : '',
		LISTS.includes(key) && !Array.isArray(value) ? `${key} is a list` : '',
		key === 'reason' && !value ? 'an empty reason is left out' : '',
	].filter(Boolean);
}

function faultsIn(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap(faultsIn);
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => [
		...faultsOf(key, inner),
		...(NAMED_BY_USERS.includes(key) ? [] : faultsIn(inner)),
	]);
}

const sections = readFileSync(REFERENCE, 'utf8')
	.split(/^#{2,3} /m)
	.map((section) => [section.split('\n')[0]!, /```json\n([\s\S]*?)```/.exec(section)?.[1]] as const)
	.filter((section): section is [string, string] => section[1] !== undefined);

test('there is a row of every operation', () => {
	expect(sections.length).toBeGreaterThan(50);
});

test.each(sections)('the row of %s speaks the language of all rows', (_, row) => {
	expect(faultsIn(JSON.parse(row) as IDataObject)).toEqual([]);
});

const ID = '185c2019-1182-439c-900b-9f29c3f35926';

test.each([
	[{ alreadyExisted: true }, 'alreadyExisted is not in snake_case'],
	[{ taskId: ID }, 'taskId is not in snake_case'],
	[{ _width: 640 }, '_width is not in snake_case'],
	[{ task: ID }, 'task is an ID: it ends in _id'],
	[{ datasets: [ID] }, 'datasets ends in _ids'],
	[{ lines: [{ text: 'a', prob: 1 }] }, 'prob is called probability'],
	[{ added: true }, 'added is a list'],
	[{ removed: 2 }, 'removed is a list'],
	[{ reason: '' }, 'an empty reason is left out'],
])('a row like %j does not', (row, fault) => {
	expect(faultsIn(row)).toContain(fault);
});
