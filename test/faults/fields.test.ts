import fc from 'fast-check';
import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { OBJECT_IDS } from '../simulator/vlm/ids';
import { labelId, MADE } from './recipes';
import { createWorld, operationsOfPackage, valuesOf, type Run, type Tested } from './world';

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
			const whole: Target = {
				label: displayName,
				type,
				put: (values, value) => ({ ...values, ...conditions, [name]: inLocator(type, value) }),
			};
			if (type !== 'collection') return [whole];
			const inner = (options as INodeProperties[]).map((one): Target => ({
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
			return [whole, ...inner];
		});
}

/** All parameters as expressions, so that each item has values of its own. */
function parametersOf(tested: Tested): IDataObject {
	const names = tested.type.description.properties
		.filter((property) => shownFor(tested, property))
		.map(({ name }) => name);
	return Object.fromEntries(names.map((name) => [name, `={{ $json.fields.${name} }}`]));
}

const RAW =
	/TypeError|RangeError|SyntaxError|is not a function|Cannot (read|convert|set|destructure)|is not iterable|is not defined|This is unexpected|circular structure|Invalid (array|time|URL)/i;

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
	const { polluted } = {} as { polluted?: boolean };
	delete (Object.prototype as { polluted?: boolean }).polluted;
	return [
		...raw.map((one) => `says ${one}`),
		...unlike.map((one) => `sends ${one}`),
		...escaped.map(({ method, path }) => `calls ${method} ${path}`),
		...texts.filter((one) => /JSON parse error/.test(one)).map((one) => `broke a body: ${one}`),
		...(polluted ? ['pollutes the prototype of objects'] : []),
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
			const linked = new Set(
				[...run.items, ...run.errorItems].map(
					({ pairedItem }) => (pairedItem as { item: number }).item,
				),
			);
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

/** A field of an operation, or an option in a collection, which is then the field. */
interface Place {
	property: INodeProperties;
	option?: INodeProperties;
	field: INodeProperties;
}

/**
 * Runs an operation with each value in a field, an item each. An option has its own expression: n8n
 * does not take a whole collection from one.
 */
async function runWithEach(
	tested: Tested,
	good: IDataObject,
	{ property, option }: Place,
	values: unknown[],
): Promise<Run> {
	const { name } = property;
	const expression = '={{ $json.value }}';
	const parameters: IDataObject = {
		...parametersOf(tested),
		...conditionsOf(property),
		...(option && conditionsOf(option)),
		[name]: option ? { [option.name]: expression } : expression,
	};
	const items = values.map((value) => ({ json: { fields: good, value } as IDataObject }));
	return await world.runWith(tested, parameters, items, 'continueRegularOutput');
}

/** The fields and options of an operation that are of one of these types. */
function fieldsOf(tested: Tested, types: string[]): Place[] {
	const own = tested.type.description.properties.filter((one) => shownFor(tested, one));
	return own.flatMap((property): Place[] =>
		property.type === 'collection'
			? (property.options as INodeProperties[])
					.filter(({ type }) => types.includes(type))
					.map((option) => ({ property, option, field: option }))
			: types.includes(property.type)
				? [{ property, field: property }]
				: [],
	);
}

test('a field or option of a number refuses what is none, by its name', async () => {
	const complaints: string[] = [];
	let tried = 0;
	for (const tested of await operationsOfPackage()) {
		const good = await valuesOf(tested.name, 1);
		for (const place of fieldsOf(tested, ['number'])) {
			const { displayName } = place.field;
			const values = NEVER.number;
			const run = await runWithEach(tested, good, place, values);
			for (const [at, value] of values.entries()) {
				tried++;
				const own = [...run.items, ...run.errorItems].filter(
					({ pairedItem }) => (pairedItem as { item: number }).item === at,
				);
				if (own.length === 1 && String(own[0]!.json.error).includes(displayName)) continue;
				complaints.push(
					`${tested.name}, ${displayName} = ${JSON.stringify(value)}: ${JSON.stringify([run.error, own.map(({ json }) => json)]).slice(0, 200)}`,
				);
			}
		}
	}
	expect(complaints).toEqual([]);
	expect(tried).toBeGreaterThan(100);
}, 300_000);

test('JSON that a user enters is refused where it is broken, and pollutes no prototype', async () => {
	const complaints: string[] = [];
	let tried = 0;
	for (const tested of await operationsOfPackage()) {
		const good = await valuesOf(tested.name, 1);
		for (const place of fieldsOf(tested, ['json'])) {
			const broken = NEVER.json;
			const run = await runWithEach(tested, good, place, [...broken, ...HOSTILE]);
			tried++;
			const refused = broken.filter((_, at) =>
				[...run.items, ...run.errorItems].some(
					({ json, pairedItem }) => (pairedItem as { item: number }).item === at && json.error,
				),
			);
			const { polluted } = {} as { polluted?: boolean };
			delete (Object.prototype as { polluted?: boolean }).polluted;
			if (polluted || refused.length < broken.length)
				complaints.push(
					`${tested.name}, ${place.field.displayName}: ${JSON.stringify([polluted, refused, run.error, run.items.map(({ json }) => json)]).slice(0, 300)}`,
				);
		}
	}
	expect(complaints).toEqual([]);
	expect(tried).toBeGreaterThan(5);
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
				const second = run.items.filter(
					({ pairedItem }) => (pairedItem as { item: number }).item === 1,
				);
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
			const bodies = ({ calls }: Run) =>
				calls.map(({ method, route, body }) => ({ method, route, body }));
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
