import type { IDataObject } from 'n8n-workflow';
import { createSemaphore } from '../../shared/api/concurrency';
import { REQUEST } from '../../shared/api/entities';
import { XimilarError, type ErrorKind } from '../../shared/api/error';
import { UPLOAD_TIMEOUT } from '../../shared/api/time';
import type { Item } from '../../shared/engine/execution';
import { wholeRequest } from './answer';
import { createRequestFinder, type Lost } from './findLost';
import { imagesIn } from './messages';

/** Submits requests, each once: a second one would be billed as well. */

/** What requests that wait or are under way may hold in memory, in bytes. */
const MAX_BYTES_HELD = 48 * 2 ** 20;
/** What a request counts at least: so no more than 16 wait or are under way. */
const MIN_WEIGHT = 3 * 2 ** 20;

/** A request to submit, checked. */
export interface Submission {
	item: Pick<Item<object>, 'api' | 'signal' | 'throwIfEnded'>;
	task: string;
	/** Makes the messages; what they hold in memory is bounded. */
	messages(): Promise<IDataObject[]>;
	/** What the request says beside its task and its messages. */
	more: IDataObject;
	/** It may have been submitted already, at this time in milliseconds or after it. */
	existing?: { since: number; workspace?: string };
	end(request: IDataObject): void;
	endWithError(error: unknown): void;
}

interface LostSubmission extends Lost {
	submission: Submission;
	error: XimilarError;
}

/** Of a submission that did not begin, because the answer to another one was lost. */
const POSTPONED = 'postponed';

/** Submits them and ends each. While it is unknown what became of one, no further one begins. */
export async function submitEach(submissions: Submission[]): Promise<void> {
	const ours = new Set<unknown>();
	for (let left = submissions; left.length;) {
		const { lost, postponed } = await submitUntilLost(left, ours);
		await endLost(lost, ours);
		left = postponed;
	}
}

/** @param ours the IDs of the requests that were submitted */
async function submitUntilLost(
	submissions: Submission[],
	ours: Set<unknown>,
): Promise<{ lost: LostSubmission[]; postponed: Submission[] }> {
	const lost: LostSubmission[] = [];
	const postponed = new Set<Submission>();
	const room = createSemaphore(MAX_BYTES_HELD);
	const sending: Array<Promise<void>> = [];

	const send = async (submission: Submission, messages: IDataObject[]) => {
		const { item, task, more } = submission;
		let since: number | undefined;
		const check = () => {
			if (lost.length) throw new Error(POSTPONED);
			since ??= Date.now();
		};
		try {
			const body = { task_id: task, request: { messages }, ...more };
			const options = { timeout: UPLOAD_TIMEOUT, check };
			const request = await item.api.post(REQUEST.path, wholeRequest, body, options);
			ours.add(request.id);
			submission.end(request);
		} catch (error) {
			if ((error as Error).message === POSTPONED) postponed.add(submission);
			else if (since === undefined || !(error instanceof XimilarError))
				submission.endWithError(error);
			else if (item.signal.aborted && mayBeSubmitted(error))
				submission.endWithError(perhapsSubmitted(error));
			else if (mayBeSubmitted(error))
				lost.push({ submission, error, api: item.api, task, since, images: imagesIn(messages) });
			else submission.endWithError(error);
		}
	};

	for (const submission of submissions) {
		if (lost.length) {
			postponed.add(submission);
			continue;
		}
		try {
			submission.item.throwIfEnded();
			const messages = await submission.messages();
			const giveBack = await room.acquire(Math.max(bytesHeld(messages), MIN_WEIGHT));
			sending.push(send(submission, messages).finally(giveBack));
		} catch (error) {
			submission.endWithError(error);
		}
	}
	await Promise.all(sending);
	return { lost, postponed: submissions.filter((one) => postponed.has(one)) };
}

function bytesHeld(messages: IDataObject[]): number {
	return imagesIn(messages).reduce(
		(sum, image) => sum + (typeof image === 'string' ? image.length : image.held),
		0,
	);
}

const UNKNOWN_OUTCOME: readonly ErrorKind[] = ['connectionLost', 'timeout', 'server', 'badAnswer'];

/** The client says more of errors after which nobody knows whether the call was carried out. */
function mayBeSubmitted({ kind, status, saysMore }: XimilarError): boolean {
	return saysMore && (UNKNOWN_OUTCOME.includes(kind) || status === 408);
}

/** Ends submissions whose answers were lost: with their requests where these are found for certain. */
async function endLost(lost: LostSubmission[], ours: Set<unknown>): Promise<void> {
	const find = createRequestFinder();
	for (const one of lost) {
		const { submission, error } = one;
		const found = await find(one, ours).catch(() => undefined);
		if (found) {
			ours.add(found.id);
			submission.end(found);
		} else {
			submission.endWithError(submission.item.signal.aborted ? perhapsSubmitted(error) : error);
		}
	}
}

function perhapsSubmitted(error: XimilarError): XimilarError {
	return error.with({
		message: 'A request was on its way when the node ended, and may have been submitted',
		description: 'Look for it with the operation Get Many before it is submitted again.',
	});
}
