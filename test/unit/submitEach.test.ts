import type { IDataObject } from 'n8n-workflow';
import { Base64 } from '../../nodes/shared/api/body';
import type { Api } from '../../nodes/shared/api/client';
import { submitEach, type Submission } from '../../nodes/XimilarVlm/request/submitEach';

/** What is in memory while requests wait for the service. */

const MEGABYTE = 2 ** 20;

/** Submits requests that hold so many bytes each, to a service that answers when it is told to. */
function submitting(count: number, bytes: number) {
	let made = 0;
	let ended = 0;
	const waiting: Array<() => void> = [];
	const api = {
		post: async (_path: string, _schema: unknown, _body: unknown, { check }: { check(): void }) => {
			check();
			await new Promise<void>((answer) => waiting.push(answer));
			return { id: 'a', status: 'CREATED' };
		},
	} as unknown as Api;
	const submission = (): Submission => ({
		item: { api, signal: new AbortController().signal, throwIfEnded: () => {} },
		task: 'task',
		messages: async () => {
			made++;
			const url = new Base64(() => [], bytes, bytes) as unknown as string;
			return [{ content: [{ image_url: { url } }] }] as IDataObject[];
		},
		more: {},
		end: () => void ended++,
		endWithError: (error) => {
			throw error;
		},
	});
	const all = submitEach(Array.from({ length: count }, submission));
	return {
		all,
		made: () => made,
		ended: () => ended,
		answerOne: () => waiting.shift()!(),
	};
}

const settled = async () => await new Promise((resolve) => setImmediate(resolve));

test.each([
	['large', 20 * MEGABYTE, 2],
	['small', 1000, 16],
])('%s images wait unloaded until there is room', async (_, bytes, together) => {
	const run = submitting(40, bytes);
	await settled();
	// The next one is loaded, and waits for its room.
	expect(run.made()).toBe(together + 1);
	run.answerOne();
	await settled();
	expect([run.made(), run.ended()]).toEqual([together + 2, 1]);
	while (run.ended() < 40) {
		run.answerOne();
		await settled();
	}
	await run.all;
	expect(run.made()).toBe(40);
});
