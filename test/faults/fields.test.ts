import fc from 'fast-check';
import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { OBJECT_IDS } from '../simulator/vlm/ids';
import { labelId, MADE } from './recipes';
import { createWorld, itemOf, operationsOfPackage, valuesOf, type Run, type Tested } from './world';

jest.mock('n8n-workflow', () =>
	jest
		.requireActual<typeof import('./clock')>('./clock')
		.withVirtualSleep(jest.requireActual('n8n-workflow')),
);

/**
 * Every field of every operation, given anything that an expression can give: the node neither breaks
 * nor sends what it should not.
 */

const world = createWorld();

const VALUES_A_FIELD = process.env.FAULTS_LONG ? 40 : 2;
const SEED = Number(process.env.FAULTS_SEED ?? (process.env.FAULTS_LONG ? Date.now() % 10_000 : 7));

const text = fc.oneof(
	fc.constantFrom(
		...['', ' ', '.', '..', '../..', '..%2f', '%2e%2e', '%2e%2e%2f..', 'a/b', '/', '\\', '//x'],
		...[
			'?x=1',
			'a?b',
			'a&workspace=b',
			'#x',
			';',
			'\r\nX-Header: 1',
			'\u0000',
			'\ud800',
			'é',
			'💥',
		],
		...['__proto__', 'constructor', 'toString', 'null', '[]', '{}', '[1,', '{"a":', '"', "'"],
		...['{"__proto__": {"polluted": true}}', '{"constructor": {"prototype": {"polluted": true}}}'],
		...['1e999', '-1', '0.1', '9007199254740993', '1,5', 'true', 'TRUE', '=', '={{ 1 }}', ','],
		...[
			'https://app.ximilar.com/a',
			'https://example.com/../a.jpg',
			'ftp://a',
			'data:image/png;base64,AAAA',
		],
		...['a'.repeat(5000), 'AAAA'.repeat(2000)],
	),
	fc.string(),
	fc.string({ unit: 'binary' }),
);
const plain = fc.oneof(
	{ weight: 4, arbitrary: text },
	fc.constantFrom(null, true, false, 0, -1, 1.5, 2 ** 53, 1e308, -1e308, 5e-324),
	fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const object = fc.oneof(
	fc
		.constantFrom(
			...[
				'{}',
				'{"__proto__": {"polluted": true}}',
				'{"constructor": {"prototype": {"polluted": true}}}',
			],
			...[
				'{"id": "a"}',
				'{"id": null}',
				'{"value": "a"}',
				'{"__rl": true}',
				'{"mimeType": 1, "data": 2}',
			],
			...['{"entries": 1}', '{"entries": [null]}', '{"entries": [{}]}', '{"length": 3}'],
		)
		.map((json) => JSON.parse(json) as IDataObject),
	fc.dictionary(text, plain, { maxKeys: 3 }),
);
const anything = fc.oneof(
	{ weight: 6, arbitrary: plain },
	{ weight: 2, arbitrary: fc.array(plain, { maxLength: 3 }) },
	{ weight: 2, arbitrary: object },
	fc.array(object, { maxLength: 2 }),
);

/** A field of an operation, and how an item gives it a value. */
interface Target {
	label: string;
	type: string;
	/** The values of an item with this one in its place. */
	put(values: IDataObject, value: unknown): IDataObject;
}

function shownFor({ resource, operation }: Tested, { displayOptions }: INodeProperties): boolean {
	const { resource: resources, operation: operations } = displayOptions?.show ?? {};
	return Boolean(resources?.includes(resource) && operations?.includes(operation));
}

/** The values with which a field is shown. */
function conditionsOf({ displayOptions }: INodeProperties): IDataObject {
	const others = Object.entries(displayOptions?.show ?? {}).filter(
		([name]) => !['resource', 'operation'].includes(name),
	);
	return Object.fromEntries(
		others.map(([name, values]) => [name.replace('/', ''), values![0]]),
	) as IDataObject;
}

const inLocator = (type: string, value: unknown) =>
	(type === 'resourceLocator' ? { __rl: true, mode: 'id', value } : value) as IDataObject;

function targetsOf(tested: Tested): Target[] {
	const { properties } = tested.type.description;
	return properties
		.filter((property) => shownFor(tested, property) && property.type !== 'notice')
		.flatMap((property): Target[] => {
			const { name, displayName, type, options } = property;
			const conditions = conditionsOf(property);
			if (type !== 'collection') {
				const put: Target['put'] = (values, value) => ({
					...values,
					...conditions,
					[name]: inLocator(type, value),
				});
				return [{ label: displayName, type, put }];
			}
			return (options as INodeProperties[]).map((one): Target => ({
				label: `${displayName} » ${one.displayName}`,
				type: one.type,
				put: (values, value) => ({
					...values,
					...conditionsOf(one),
					[name]: {
						...(values[name] as IDataObject),
						...conditionsOf(one),
						[one.name]: inLocator(one.type, value),
					},
				}),
			}));
		});
}

/**
 * All parameters as expressions, so that each item has values of its own; each option its own, for
 * n8n takes no whole collection from one.
 */
function parametersOf(tested: Tested): IDataObject {
	const shown = tested.type.description.properties.filter((property) => shownFor(tested, property));
	const expressionOf = ({ name, type, options }: INodeProperties) =>
		type === 'collection'
			? Object.fromEntries(
					(options as INodeProperties[]).map((option) => [
						option.name,
						`={{ $json.fields.${name}?.${option.name} }}`,
					]),
				)
			: `={{ $json.fields.${name} }}`;
	return Object.fromEntries(shown.map((property) => [property.name, expressionOf(property)]));
}

const RAW =
	/TypeError|RangeError|SyntaxError|is not a function|Cannot (read|convert|set|destructure)|is not iterable|is not defined|This is unexpected|circular structure|Invalid (array|time|URL)/i;

/** Whether the prototype of all objects got what hostile values carry; it is taken from it again. */
function hasPolluted(): boolean {
	const { polluted = false } = {} as { polluted?: boolean };
	delete (Object.prototype as { polluted?: boolean }).polluted;
	return polluted;
}

/** What came out for an item, one way or the other. */
const outcomesOf = ({ items, errorItems }: Run, index: number) =>
	[...items, ...errorItems].filter((one) => itemOf(one) === index);

/** What is wrong with a run, whatever the values were. */
function faultsOf({ error, items, errorItems, calls, leaks }: Run, given: string): string[] {
	const texts = [error, ...[...items, ...errorItems].map(({ json }) => json)].map((one) =>
		JSON.stringify(one ?? '', ['message', 'description', 'error']),
	);
	const raw = texts.filter((one) => RAW.test(one) && !given.includes(one));
	const sent = calls.map(({ path, query, body }) => `${path} ${JSON.stringify([query, body])}`);
	const unlike = sent.filter(
		(one) => /\[object |\bundefined\b|\bNaN\b/.test(one) && !/\[object |undefined|NaN/.test(given),
	);
	const escaped = calls.filter(
		({ path, route }) => route === null || !/^[\w/-]+$/.test(path) || path.includes('//'),
	);
	return [
		...raw.map((one) => `says ${one}`),
		...unlike.map((one) => `sends ${one}`),
		...escaped.map(({ method, path }) => `calls ${method} ${path}`),
		...texts.filter((one) => /JSON parse error/.test(one)).map((one) => `broke a body: ${one}`),
		...(hasPolluted() ? ['pollutes the prototype of objects'] : []),
		...leaks.map((place) => `shows the token in ${place}`),
	];
}

/** Runs an operation on items with these fields. */
async function runOn(tested: Tested, fields: IDataObject[]): Promise<Run> {
	const items: INodeExecutionData[] = fields.map((one) => ({ json: { fields: one } }));
	return await world.runWith(tested, parametersOf(tested), items, 'continueRegularOutput');
}

test('no field breaks an operation, or a call, by any value', async () => {
	const complaints: string[] = [];
	for (const tested of await operationsOfPackage()) {
		const good = await valuesOf(tested.name, 1);
		const targets = targetsOf(tested);
		if (!targets.length) continue;
		const cases = targets.flatMap((target, at) =>
			fc
				.sample(anything, { numRuns: VALUES_A_FIELD, seed: SEED + at })
				.map((value) => ({ target, value, fields: target.put(good, value) })),
		);
		const complain = (run: Run, some: typeof cases) => {
			const given = JSON.stringify(some.map(({ value }) => value));
			const linked = new Set([...run.items, ...run.errorItems].map(itemOf));
			const lists = /Get|get/.test(tested.operation);
			const silent = lists || run.error ? [] : some.filter((_, at) => !linked.has(at));
			return [
				...faultsOf(run, given),
				...silent.map(({ target }) => `says nothing of an item: ${target.label}`),
			];
		};
		const together = await runOn(
			tested,
			cases.map(({ fields }) => fields),
		);
		if (!complain(together, cases).length) continue;
		// Which one it is.
		for (const one of cases) {
			const found = complain(await runOn(tested, [one.fields]), [one]);
			const value = JSON.stringify(one.value)?.slice(0, 200);
			complaints.push(
				...found.map(
					(what) => `${tested.name}, ${one.target.label} = ${value}: ${what.slice(0, 500)}`,
				),
			);
		}
		if (!complaints.some((text) => text.startsWith(tested.name)))
			complaints.push(
				...complain(together, cases).map((what) => `${tested.name}, together: ${what}`),
			);
	}
	expect({ seed: SEED, complaints }).toEqual({ seed: SEED, complaints: [] });
}, 3_600_000);

/** What a field of a type never is, whatever else is drawn above. */
const NEVER = { number: ['many', 'NaN', {}, [1, 2]], json: ['{"a":', 'a: 1'] };

/** Values that would reach the prototype of all objects, were they merged without care. */
const HOSTILE = ['{"__proto__": {"polluted": true}}', '[{"__proto__": {"polluted": true}}]'];

/** Runs an operation with each value in each of its fields of a type; what became of each. */
async function runWithEach(tested: Tested, type: string, values: unknown[]) {
	const good = await valuesOf(tested.name, 1);
	const cases = targetsOf(tested)
		.filter((target) => target.type === type)
		.flatMap(({ label, put }) =>
			values.map((value) => ({ label, value, fields: put(good, value) })),
		);
	if (!cases.length) return [];
	const run = await runOn(
		tested,
		cases.map(({ fields }) => fields),
	);
	return cases.map(({ label, value }, at) => {
		const rows = outcomesOf(run, at).map(({ json }) => json);
		const name = label.split(' » ').at(-1)!;
		const isRefused = rows.length === 1 && String(rows[0]!.error).includes(name);
		const told = JSON.stringify([run.error, rows]).slice(0, 200);
		return { isRefused, what: `${tested.name}, ${label} = ${JSON.stringify(value)}: ${told}` };
	});
}

test.each(['number', 'json'] as const)(
	'a field or option of the type %s refuses what is none, by its name',
	async (type) => {
		const tried = [];
		for (const tested of await operationsOfPackage())
			tried.push(...(await runWithEach(tested, type, NEVER[type])));
		const taken = tried.filter(({ isRefused }) => !isRefused).map(({ what }) => what);
		expect(taken).toEqual([]);
		expect(tried.length).toBeGreaterThan(NEVER[type].length * 5);
	},
	300_000,
);

test('JSON that a user enters pollutes no prototype', async () => {
	const polluting = [];
	let tried = 0;
	for (const tested of await operationsOfPackage()) {
		tried += (await runWithEach(tested, 'json', HOSTILE)).length;
		if (hasPolluted()) polluting.push(tested.name);
	}
	expect(polluting).toEqual([]);
	expect(tried).toBeGreaterThan(HOSTILE.length * 5);
}, 300_000);

test('options that are no numbers do not keep the other items waiting', async () => {
	const complaints: string[] = [];
	let tried = 0;
	for (const tested of await operationsOfPackage()) {
		const targets = targetsOf(tested).filter(({ label }) =>
			/Maximum Parallel Requests|Rate Limit Wait/.test(label),
		);
		const good = await valuesOf(tested.name, 1);
		for (const target of targets) {
			for (const value of ['many', {}, [], null, -1, 0, 1e9]) {
				const run = await runOn(tested, [target.put(good, value), good]);
				tried++;
				const second = run.items.filter((one) => itemOf(one) === 1);
				if (second.length !== 1 || 'error' in second[0]!.json)
					complaints.push(
						`${tested.name}, ${target.label} = ${JSON.stringify(value)}: ${JSON.stringify([run.error, run.items.map(({ json }) => json)]).slice(0, 300)}`,
					);
			}
		}
	}
	expect(complaints).toEqual([]);
	expect(tried).toBeGreaterThan(50);
}, 300_000);

/** Valid entries for the fields that promise to take a list. */
const LISTS: Record<string, unknown[]> = {
	'Training Image IDs': MADE.images,
	'Detection Object IDs': OBJECT_IDS.slice(0, 2),
	'Request IDs': MADE.requests,
	'Further Label IDs': [labelId(2), labelId(3)],
	'Image URLs': ['label-rgb.png', 'badge.gif'],
	Images: ['label-rgb.png', 'badge.gif'],
	Choices: ['red', 'green'],
};

test('a list is taken where the user is told so', async () => {
	const complaints: string[] = [];
	for (const tested of await operationsOfPackage()) {
		const { properties } = tested.type.description;
		const promising = JSON.stringify(properties.filter((property) => shownFor(tested, property)));
		for (const target of targetsOf(tested)) {
			const label = target.label.split(' » ').at(-1)!;
			const description = new RegExp(`"displayName":"${label}"[^{}]*"description":"([^"]*)"`).exec(
				promising,
			)?.[1];
			if (!/list/i.test(description ?? '') || !/expression/.test(description ?? '')) continue;
			if (label === 'Base64') continue;
			const list = LISTS[label]?.map((one) =>
				/^Image/.test(label) ? `${world.simulator.url}/images/${one as string}` : one,
			);
			if (!list) {
				complaints.push(`${tested.name}, ${target.label}: has no example of a list`);
				continue;
			}
			const good = await valuesOf(tested.name, 1);
			const [asList, asText] = [
				await runOn(tested, [target.put(good, list)]),
				await runOn(tested, [target.put(good, list.join('\n'))]),
			];
			const made = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
			// The service fetches addresses while further calls come in, in an order of its own.
			const isFetch = ({ route }: Run['calls'][number]) => route === '/images/:file';
			const bodies = ({ calls }: Run) =>
				[...calls.filter((call) => !isFetch(call)), ...calls.filter(isFetch)].map(
					({ method, route, body }) => ({ method, route, body }),
				);
			// IDs that the service has made differ from run to run.
			const textOf = (run: Run) =>
				JSON.stringify(bodies(run)).replace(made, (id) =>
					JSON.stringify([list, good]).includes(id) ? id : 'made',
				);
			const same = textOf(asList) === textOf(asText);
			const failed = [asList, asText].some(
				({ items, error }) => error || items.some(({ json }) => 'error' in json),
			);
			if (!same || failed)
				complaints.push(
					`${tested.name}, ${target.label}: ${JSON.stringify([asList.items, asText.items].map((x) => x.map(({ json }) => json))).slice(0, 600)}`,
				);
		}
	}
	expect(complaints).toEqual([]);
}, 300_000);
