import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API, byId, jsonOf, rows, type Job, type RunOperation } from './workflow';

/** What holds for every operation that is one call on one thing, which its ID names. */

/** A kind of thing: where the API keeps it, and how the node's field for it is called and filled. */
export interface Thing {
	list: string;
	label: string;
	value(id: string): unknown;
}

/** An operation on the thing whose ID is `a`. */
export interface SingleCall<R extends string> {
	title?: string;
	resource: R;
	operation: string;
	/** Beside the field of the thing itself. */
	parameters?: IDataObject & { options?: IDataObject };
	method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
	/** Behind the thing's ID. */
	path?: string;
	body?: nock.DataMatcherMap;
	answer: [status: number, body?: unknown];
	result: IDataObject[];
	/** False for one that is not repeated after it may have been carried out. */
	idempotent?: false;
	/** How a thing that is not there is told, where the operation has its own words. */
	notFound?: { error: string; message: unknown };
}

/** The thing is named with its kind and ID. */
const NOT_FOUND = {
	error: expect.stringMatching(
		/^Ximilar did not find the [a-z ]+ gone( or the [a-z]+ [\w-]+)* in the default workspace$/,
	) as string,
	message: expect.stringContaining('It may have been deleted'),
};

/** A thing's field that is a picker. */
export const picked = (list: string, label: string): Thing => ({ list, label, value: byId });

/**
 * Checks what operations send and give, alone and among items that fail, in another workspace, and
 * whether they are repeated.
 * @param run runs an operation of the node
 * @param things the kinds of things, by their resources
 */
export function describeSingleCalls<R extends string>(
	run: RunOperation,
	things: Record<R, Thing>,
	calls: Array<SingleCall<R>>,
): void {
	const named = calls.map((one) => [one.title ?? `${one.resource} ${one.operation}`, one] as const);
	describe.each(named)('%s', (_, one) => {
		const { resource, operation, parameters, method, path = '/', body, result } = one;
		const { idempotent = true, notFound = NOT_FOUND } = one;
		const [status, answer = ''] = one.answer;
		const thing = things[resource];

		const runOn = async (id: string, job: Partial<Job> = {}, options: IDataObject = {}) =>
			await run(
				resource,
				operation,
				{
					[resource]: thing.value(id) as IDataObject,
					...parameters,
					options: { ...parameters?.options, ...options },
				},
				job,
			);

		const call = (id: string, sent = body) =>
			nock(API).intercept(`${thing.list}${id}${path}`, method, sent);

		const answered = (interceptor: nock.Interceptor) =>
			interceptor.reply(status, answer as nock.Body);

		const outOf = (item: number) => result.map((json) => ({ json, pairedItem: { item } }));

		test('sends its call, and gives its result', async () => {
			answered(call('a'));
			const { items, error } = await runOn('a');
			expect(error).toBeUndefined();
			expect(items).toEqual(outOf(0));
		});

		test('names another workspace than the default one', async () => {
			const workspace = '58421549-21ea-4d43-94a6-6a1cb38160e3';
			const reads = method === 'GET' || method === 'DELETE';
			answered(reads ? call('a').query({ workspace }) : call('a', { ...body, workspace }));
			const { items } = await runOn('a', {}, { workspace: byId(workspace) });
			expect(jsonOf(items)).toEqual(result);
		});

		test('an item that cannot be done leaves the others under Continue On Fail', async () => {
			call('gone').reply(404, { detail: 'Not found.' });
			answered(call('a'));
			const { items } = await runOn('={{ $json.id }}', {
				items: rows({ id: 'gone' }, { id: '' }, { id: 'a' }),
				onError: 'continueRegularOutput',
			});
			expect(items).toEqual([
				{ json: notFound, pairedItem: { item: 0 } },
				{
					json: { error: `${thing.label} is empty`, message: expect.any(String) },
					pairedItem: { item: 1 },
				},
				...outOf(2),
			]);
		});

		test(`is ${idempotent ? '' : 'not '}repeated after status 500`, async () => {
			call('a').reply(500, { detail: 'Busy' }, { 'Retry-After': '0' });
			if (idempotent) answered(call('a'));
			const { items, error } = await runOn('a');
			expect(jsonOf(items)).toEqual(idempotent ? result : []);
			expect(error?.message).toBe(
				idempotent ? undefined : 'Ximilar could not answer (status 500): Busy',
			);
		});
	});
}
