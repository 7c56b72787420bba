import fc from 'fast-check';
import { LABEL, TRAINING_IMAGE } from '../../../nodes/shared/api/entities';
import type { Property } from '../../../nodes/shared/engine/field';
import { id, ids, idOrName, inTitleCase, picker } from '../../../nodes/shared/engine/locator';
import { Named } from '../../../nodes/shared/engine/naming';
import { isRefusal, outcome, refusal } from './fields';

/** How a thing is chosen: what is taken for an ID, what for a name, and what is refused. */

const UUID = '185c2019-1182-439c-900b-9f29c3f35926';
const OTHER = 'b2c3d4e5-1182-439c-900b-9f29c3f35926';
const LINK = `https://app.ximilar.com/recognition/labels/${UUID}`;

const search = async () => ({ results: [] });
const labels = (more: { dependsOn?: string[]; required?: boolean } = {}) =>
	picker({
		listing: LABEL,
		name: 'searchLabels',
		search,
		displayName: 'Label',
		description: 'What to find',
		...more,
	});

describe('a picker', () => {
	const property = {
		displayName: 'Label',
		description: 'What to find',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a label...',
				typeOptions: { searchListMethod: 'searchLabels', searchable: true },
			},
			{
				displayName: 'By Name',
				name: 'name',
				type: 'string',
				placeholder: 'e.g. My Label',
				hint: 'The whole name of the label; upper and lower case matter',
			},
			{
				displayName: 'By URL',
				name: 'url',
				type: 'string',
				placeholder: `e.g. https://app.ximilar.com/.../${UUID}`,
				extractValue: { type: 'regex', regex: expect.any(String) as unknown },
				validation: [
					{
						type: 'regex',
						properties: {
							regex: expect.any(String) as unknown,
							errorMessage: 'Not a link to a label in the Ximilar App',
						},
					},
				],
			},
			{ displayName: 'By ID', name: 'id', type: 'string', placeholder: `e.g. ${UUID}` },
		],
	};

	test('offers the list, a name, an address and an ID', () => {
		const field = labels();
		expect(field.methods).toEqual({ listSearch: { searchLabels: search } });
		expect(field.property()).toStrictEqual(property);
	});

	test('is emptied when what narrows its list changes, and may be required', () => {
		const dependsOn = ['task.value'];
		const made = labels({ dependsOn, required: true }).property();
		expect(made).toStrictEqual({
			...property,
			required: true,
			typeOptions: { loadOptionsDependsOn: dependsOn },
		});
		expect(made.typeOptions!.loadOptionsDependsOn).not.toBe(dependsOn);
	});

	test('knows the links of the app, and what they lead to, as n8n looks for it', () => {
		const byUrl = labels().property().modes![2]!;
		const { regex } = byUrl.extractValue as { regex: string };
		// n8n demands that the whole text matches.
		expect(new RegExp(`^${regex}$`).exec(`${LINK}/edit`)?.[1]).toBe(UUID);
		const [rule] = byUrl.validation as unknown as Array<{ properties: { regex: string } }>;
		expect(new RegExp(`^(?:${rule!.properties.regex})$`).test('https://example.com/')).toBe(false);
		expect(new RegExp(`^(?:${rule!.properties.regex})$`).test(LINK)).toBe(true);
	});
});

const name = (text: string) => new Named(text, LABEL, false);
const nameOrId = (text: string) => new Named(text, LABEL, true);

const EMPTY = refusal('Label is empty', 'Choose a label from the list, or enter its ID.');
const NO_LINK = refusal(
	'Label is not a link to a label in the Ximilar App',
	'Copy the address from the browser while the label is open in app.ximilar.com, or choose it from the list.',
);
const NO_ID = (text: string) =>
	refusal(
		`Label is not an ID: "${text}"`,
		'An ID has letters, digits and dashes only. Choose from the list, or copy the ID from the Ximilar App.',
	);
const NO_TEXT = refusal('Label must be text', 'It is an object. Check the expression in Label.');

test.each<[mode: string | undefined, value: unknown, result: unknown]>([
	['list', UUID, UUID],
	['list', 'label-7', 'label-7'],
	['list', 'Red shoes', nameOrId('Red shoes')],
	['list', '', EMPTY],
	['name', ' Red shoes ', name('Red shoes')],
	['name', UUID, name(UUID)],
	['name', LINK, name(LINK)],
	['name', ' ', EMPTY],
	['url', LINK, UUID],
	['url', `${LINK}/images/${OTHER}?page=2`, OTHER],
	// n8n has taken it out of the address already.
	['url', UUID, UUID],
	['url', 'Red shoes', NO_ID('Red shoes')],
	['url', 'red/shoes', NO_LINK],
	['url', null, EMPTY],
	['id', ` ${UUID} `, UUID],
	['id', LINK, UUID],
	['id', LINK.replace('https', 'HTTPS'), NO_LINK],
	['id', `http://example.com/${UUID}`, NO_LINK],
	['id', 'https:', NO_ID('https:')],
	['id', 'label-7', nameOrId('label-7')],
	['id', 'Red/blue shoes', nameOrId('Red/blue shoes')],
	['id', 'see https://example.com', nameOrId('see https://example.com')],
	['id', 7, nameOrId('7')],
	['id', '', EMPTY],
	['id', {}, NO_TEXT],
	[undefined, UUID, UUID],
	[undefined, 'label-7', nameOrId('label-7')],
])('mode %s with %j', (mode, value, result) => {
	expect(outcome(labels(), { __rl: true, mode, value })).toEqual(result);
});

test.each<[unknown, unknown]>([
	[UUID, UUID],
	[LINK, UUID],
	['Red shoes', nameOrId('Red shoes')],
	[7, nameOrId('7')],
	['', EMPTY],
	[null, EMPTY],
	[undefined, EMPTY],
	[{ mode: 'name', value: 'Red shoes' }, NO_TEXT],
])('%j in place of a locator, as an expression gives it', (raw, result) => {
	expect(outcome(labels(), raw)).toEqual(result);
});

test('what a locator chooses is told under the label that is asked for', () => {
	const locator = { __rl: true, mode: 'url', value: 'x y' };
	expect(() => idOrName(locator, 'Workspace', LABEL)).toThrow('Workspace is not an ID: "x y"');
});

test('a thing without a list is chosen by its ID or link', () => {
	const field = id('label', { displayName: 'Label', description: 'What to get' });
	expect(field.property()).toEqual({
		displayName: 'Label',
		description: 'What to get',
		type: 'string',
		default: '',
		required: true,
	});
	expect([` ${UUID} `, LINK, 'label-7', 7].map((raw) => outcome(field, raw))).toEqual([
		UUID,
		UUID,
		'label-7',
		'7',
	]);
	const long = '_'.repeat(100);
	expect(['', 'a/b', 'Red shoes', long, {}].map((raw) => outcome(field, raw))).toEqual([
		EMPTY,
		NO_LINK,
		NO_ID('Red shoes'),
		NO_ID('_'.repeat(80)),
		NO_TEXT,
	]);
});

describe('several things', () => {
	const labelList = (more: Partial<Property> = {}) =>
		ids('label', { displayName: 'Label', ...more });

	test.each<[string, unknown, string[]]>([
		['with commas', 'a, b,c', ['a', 'b', 'c']],
		['on lines of their own', ' a\r\nb\n\n', ['a', 'b']],
		['by their links', `${LINK};${LINK.replace(UUID, OTHER)}`, [UUID, OTHER]],
		['as a list that became text', `["a", 'b']`, ['a', 'b']],
		['as a list', ['a', 7, 'b,c', null], ['a', '7', 'b', 'c']],
		['as a list of things', [{ id: 'a', name: 'Red shoes' }, 'b'], ['a', 'b']],
		['as one thing', { id: LINK }, [UUID]],
		['each once', `a,${LINK},${UUID},a`, ['a', UUID]],
		['that are none', '', []],
		['that are hidden', null, []],
		['that are an empty list', [], []],
	])('%s', (_, raw, found) => {
		expect(outcome(labelList(), raw)).toEqual(found);
	});

	test.each<[string, unknown, unknown]>([
		['one that cannot be', 'a,b_c', NO_ID('b_c')],
		['one of elsewhere', `${UUID},https://example.com/`, NO_LINK],
		['a thing without an ID', ['a', { name: 'Red shoes' }], NO_TEXT],
		['a thing whose ID is none', { id: {} }, NO_TEXT],
	])('%s is refused, in words', (_, raw, error) => {
		expect(outcome(labelList(), raw)).toEqual(error);
	});

	test('are required where the property says so', () => {
		const field = labelList({ required: true });
		expect(field.property()).toMatchObject({ type: 'string', default: '', required: true });
		expect(['', ' , ', [], null, 'a'].map((raw) => outcome(field, raw))).toEqual([
			...Array<unknown>(4).fill(EMPTY),
			['a'],
		]);
	});
});

test('whatever an expression gives: an ID that can be sent, a name, or a refusal by its label', () => {
	const given = fc.oneof(
		fc.anything({ withBigInt: true, withNullPrototype: true }),
		fc.string().map((text) => LINK + text),
		fc.string({ unit: fc.constantFrom('a', '1', '-', '/', ' ', ',', '"', 'https://') }),
	);
	const mode = fc.constantFrom('list', 'name', 'url', 'id', undefined);
	const canBeSent = (value: unknown) => typeof value === 'string' && /^[0-9A-Za-z-]+$/.test(value);
	const isName = (value: unknown) => value instanceof Named && value.name.trim() !== '';
	fc.assert(
		fc.property(given, mode, (value, how) => {
			const chosen = outcome(labels(), { __rl: true, mode: how, value });
			expect(canBeSent(chosen) || isName(chosen) || isRefusal(chosen, 'Label')).toBe(true);
			const one = outcome(id('label', { displayName: 'Label' }), value);
			expect(canBeSent(one) || isRefusal(one, 'Label')).toBe(true);
			const all = outcome(ids('label', { displayName: 'Label' }), value);
			expect(Array.isArray(all) ? all.every(canBeSent) : isRefusal(all, 'Label')).toBe(true);
		}),
	);
});

test('the name of a thing as a label', () => {
	expect([LABEL, TRAINING_IMAGE].map(({ thing }) => inTitleCase(thing))).toEqual([
		'Label',
		'Training Image',
	]);
});
