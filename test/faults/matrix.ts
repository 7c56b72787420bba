import type { IDataObject } from 'n8n-workflow';
import type { FaultInput } from '../simulator/faults';
import type { LoggedRequest } from '../simulator/log';
import { FAULTS, type FaultCase } from './faults';
import { keepSeen, undocumented, type Cell } from './table';
import { faultsOfTexts, namesFor } from './texts';
import { RECIPES, VARIANTS } from './recipes';
import {
	createWorld,
	itemOf,
	markOf,
	operationsOfPackage,
	type Run,
	type Tested,
	type World,
} from './world';

/** Every operation against every fault, in n8n's engine. */

/** Calls that make, start or bill something each time they are carried out. */
const ONCE =
	/^POST \/(recognition\/v2\/(label|task)\/|vlm\/v2\/(prompt|variable|sample|request)\/|(recognition|vlm)\/v2\/task\/:id\/train\/|vlm\/v2\/request\/:id\/resubmit\/)$/;

const routeOf = ({ method, route, path }: LoggedRequest) => `${method} ${route ?? path}`;

/** Refusals of the account, or of all requests of an analysis: the item they came for is no news. */
const ABOUT_ALL =
	/^(Ximilar did not accept the API token|The Ximilar account has too few credits|This Ximilar account may not use this|API Base URL does not lead to)/;

/** The item that an error has to be about; undefined where it must name none. */
function itemToName({ resource }: Tested, message: string, own: number): number | undefined {
	const isOfAnalysis = resource === 'image' && /^Ximilar (did not find|refused) /.test(message);
	return ABOUT_ALL.test(message) || isOfAnalysis ? undefined : own;
}

/** The texts that tell of what was made though the operation failed. */
const SAYS_SO =
	/may have been (carried out|submitted|uploaded)|was uploaded as|exists already as|Made:|was made|is made/;

/**
 * Tries an operation with each of its calls faulty for good.
 * @returns cells of the table, and what is not as it has to be
 */
async function tryCalls(
	world: World,
	tested: Tested,
	faults: FaultCase[],
): Promise<{ cells: Cell[]; complaints: string[] }> {
	const complaints: string[] = [];
	const cells: Cell[] = [];
	const names = await namesFor(tested.node, tested.resource, tested.operation);
	const well = await world.run(tested, [1]);
	const calls = [...new Set(well.calls.map(routeOf))];

	for (const call of calls) {
		for (const fault of faults) {
			const run = await world.run(tested, [1], { faults: [faultOn(call, fault, world)] });
			const complain = (what: string) =>
				complaints.push(`${tested.name}, ${call}, ${fault.name}: ${what}`);
			const cell = cellOf(tested, call, fault, run);
			cells.push(cell);
			for (const place of run.leaks) complain(`the token is in ${place}`);
			const sent = run.calls.filter((one) => routeOf(one) === call).length;
			if (ONCE.test(call) && fault.isDone && sent > 1) complain(`was sent ${sent} times`);
			if (run.made > Math.max(well.made, 0)) complain(`${run.made} things were made`);
			if (!run.error) continue;
			const { message, description, itemIndex } = run.error;
			const texts = { message, description: description ?? '' };
			for (const what of faultsOfTexts(texts, names)) {
				complain(`has ${what}: ${message} — ${description}`);
			}
			if (itemIndex !== itemToName(tested, message, 0)) complain(`item ${itemIndex}: ${message}`);
			if (run.made > 0 && !SAYS_SO.test(`${message} ${description}`)) {
				complain(`does not say what was made: ${message} — ${description}`);
			}
		}
	}
	return { cells, complaints };
}

/** Tries faults on one item of three: the others are done, whatever n8n is to do on errors. */
async function tryItems(world: World, tested: Tested, faults: FaultCase[]): Promise<string[]> {
	const mark = await markOf(tested, 1);
	if (!mark) return [];
	const complaints: string[] = [];
	for (const fault of faults) {
		const on = { ...fault.fault(world.elsewhere), match: { mentions: mark } };
		const complain = (how: string, what: string, run: Run) =>
			complaints.push(
				`${tested.name}, ${fault.name}, ${how}: ${what}: ${JSON.stringify([run.error, run.items, run.errorItems].map((x) => JSON.stringify(x)?.slice(0, 700)))}`,
			);
		const regular = await world.run(tested, VARIANTS, {
			faults: [on],
			onError: 'continueRegularOutput',
		});
		const failed = itemsWithErrors(regular.items);
		if (regular.error) complain('Continue', 'failed as a whole', regular);
		const linked = new Set(regular.items.map(itemOf));
		if (linked.size < 3) complain('Continue', 'an item is missing', regular);
		if (!mayFail(failed, fault)) complain('Continue', `items ${failed.join()} failed`, regular);
		for (const { json } of regular.items.filter(isError)) {
			const isPlain = Object.keys(json).sort().join() === 'error,message';
			if (!isPlain) complain('Continue', 'an error item with more fields', regular);
		}
		const perItem = regular.items.filter((one) => isError(one)).map(itemOf);
		if (new Set(perItem).size < perItem.length) complain('Continue', 'two errors', regular);
		if (regular.leaks.length)
			complain('Continue', `the token is in ${regular.leaks.join()}`, regular);

		if (failed.length && !ROUTED.includes(fault) && faults.length > 1) continue;
		const parted = await world.run(tested, VARIANTS, {
			faults: [on],
			onError: 'continueErrorOutput',
		});
		const routed = [...new Set(parted.errorItems.map(itemOf))];
		if (parted.items.some(isError)) complain('Error output', 'an error among the others', parted);
		if (!mayFail(routed, fault)) complain('Error output', `items ${routed.join()} failed`, parted);
		if (parted.items.length + parted.errorItems.length < 3)
			complain('Error output', 'an item is missing', parted);

		const stopped = await world.run(tested, VARIANTS, { faults: [on] });
		const { error } = stopped;
		if (!error === failed.length > 0) complain('Stop', 'another outcome than Continue', stopped);
		if (error && !isFatal(fault) && error.itemIndex !== itemToName(tested, error.message, 1)) {
			complain('Stop', `is about item ${error.itemIndex}`, stopped);
		}
	}
	return complaints;
}

type Item = Run['items'][number];

const isError = ({ json }: Item) =>
	'error' in json && 'message' in json && Object.keys(json as IDataObject).length === 2;
const itemsWithErrors = (items: Item[]) => [...new Set(items.filter(isError).map(itemOf))];

/** Further calls would fail as well, so others may fail for the same reason. */
const isFatal = ({ name }: FaultCase) => /^(401|402)/.test(name);

/** Whether only the item that the fault is for failed. */
function mayFail(failed: number[], fault: FaultCase): boolean {
	return isFatal(fault) || failed.every((item) => item === 1);
}

function faultOn(call: string, fault: FaultCase, world: World): FaultInput {
	const [method, route] = call.split(' ') as [string, string];
	return { ...fault.fault(world.elsewhere), match: { method, route } };
}

function cellOf({ name }: Tested, call: string, fault: FaultCase, run: Run): Cell {
	const { error, calls, time } = run;
	const isUnsure = /may have been (carried out|submitted)/.test(error?.description ?? '');
	return {
		operation: name,
		call,
		fault: fault.name,
		calls: calls.filter((one) => routeOf(one) === call).length,
		minutes: Math.round(time / 60_000),
		outcome: !error ? 'done' : isUnsure ? 'unsure' : 'fails',
	};
}

/** One of each kind meets the quick ones in the short form. */
const SAMPLE = [
	'ximilarOcr image read',
	'ximilarRecognition label create',
	'ximilarRecognition label delete',
	'ximilarRecognition label get',
	'ximilarRecognition task addLabel',
	'ximilarRecognition trainingImage upload',
	'ximilarVlm prompt update',
	'ximilarVlm request submit',
	'ximilarVlm sample addImages',
];
/** What is waited out for minutes is tried in one form only. */
const QUICK = FAULTS.filter(({ name }) => !name.includes('Retry-After'));
/** The others meet these. */
const FEW = named('400 (field)', 'reset before the answer');

/** Those of each kind of error, for what n8n does with errors. */
const ROUTED = named('400 (detail)', '401', '500', 'no answer', '200, HTML', 'redirect');

function named(...names: string[]): FaultCase[] {
	return FAULTS.filter(({ name }) => names.includes(name));
}

/**
 * The tests of these nodes' operations; the long form tries all of them against all faults:
 * `FAULTS_LONG=1 npx jest test/faults -t 'ximilarVlm sample'` a part of it.
 */
export function describeMatrix(nodes: string[]): void {
	const world = createWorld();
	const isLong = Boolean(process.env.FAULTS_LONG);
	const names = Object.keys(RECIPES).filter((name) => nodes.includes(name.split(' ')[0]!));
	const operations = async () =>
		(await operationsOfPackage()).filter(({ node }) => nodes.includes(node));
	const operation = async (name: string) =>
		(await operations()).find((tested) => tested.name === name)!;

	test('each operation has a recipe', async () => {
		expect([...names].sort()).toEqual((await operations()).map(({ name }) => name).sort());
	});

	test.each(names)('%s carries its recipe out', async (name) => {
		const { error, items, leaks } = await world.run(await operation(name), VARIANTS);
		expect(error).toBeUndefined();
		expect([...new Set(items.map(itemOf))].sort()).toEqual(VARIANTS);
		expect(leaks).toEqual([]);
	});

	test.each(names)(
		'%s, each of its calls faulty for good',
		async (name) => {
			const some = SAMPLE.includes(name) ? QUICK : FEW;
			const faults = isLong ? FAULTS : some;
			const { cells, complaints } = await tryCalls(world, await operation(name), faults);
			if (isLong) keepSeen(name, cells);
			expect(complaints).toEqual([]);
			if (!process.env.UPDATE_DOCS) expect(undocumented(cells)).toEqual([]);
		},
		3_600_000,
	);

	test.each(isLong ? names : names.filter((name) => SAMPLE.includes(name)))(
		'%s with one faulty item of three',
		async (name) => {
			const faults = isLong ? QUICK : named('404');
			expect(await tryItems(world, await operation(name), faults)).toEqual([]);
		},
		3_600_000,
	);
}
