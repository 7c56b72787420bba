import type { IDataObject } from 'n8n-workflow';
import type { Base64 } from '../../shared/api/body';
import type { Api, Query } from '../../shared/api/client';
import { createMemoize } from '../../shared/api/concurrency';
import { at, REQUEST } from '../../shared/api/entities';
import { getPage, pages } from '../../shared/api/pages';
import { isObject } from '../../shared/api/json';
import { listedRequest, wholeRequest } from './answer';
import { describePart, imagesIn } from './messages';

/** A submission whose answer was lost. */
export interface Lost {
	/** The API within the workspace of the task. */
	api: Api;
	task: string;
	/** When its call began, in milliseconds since 1970. */
	since: number;
	images: Array<string | Base64>;
}

/** What the service gives in a page at most (seed 003, "Request History"). */
const PAGE_SIZE = 100;
/** How far the list is read: its order is not stated, so that only all of it tells. */
const MAX_PAGES = 50;
/** How many requests of unknown origin are looked at: others submit for the same task as well. */
const MAX_CANDIDATES = 20;

/**
 * Finds, in the list of requests, what was made by a submission whose answer was lost: the one
 * request of its task that was created since, has its images, and is not known to be another's.
 * The list is read once for each task.
 */
export function createRequestFinder() {
	const memoize = createMemoize();
	return async (lost: Lost, known: ReadonlySet<unknown>): Promise<IDataObject | undefined> => {
		const { api, task, since } = lost;
		const read = async () => (await requestsOf(api, task, MAX_PAGES).catch(() => undefined)) ?? [];
		const listed = await memoize(task, read);
		const candidates = listed.filter(
			({ id, created }) => !known.has(id) && Date.parse(String(created)) >= since,
		);
		if (candidates.length > MAX_CANDIDATES) return undefined;
		const found: IDataObject[] = [];
		for (const { id } of candidates) {
			const request = await api.get(at(REQUEST, id as string), wholeRequest);
			if (hasImages(request, lost.images)) found.push(request);
		}
		return found.length === 1 ? found[0] : undefined;
	};
}

/** All requests of a task, their IDs and times; undefined when they are too many to be read. */
export async function requestsOf(
	api: Api,
	task: string,
	maxPages: number,
): Promise<IDataObject[] | undefined> {
	const found = new Map<unknown, IDataObject>();
	let pagesRead = 0;
	const read = async (query: Query) =>
		pagesRead++ < maxPages ? await getPage(api, REQUEST.path, listedRequest, query) : undefined;
	for await (const { results } of pages(
		REQUEST.path,
		{ task_id: task, page_size: PAGE_SIZE },
		read,
	)) {
		for (const { id, created } of results) found.set(id, { id, created });
	}
	return pagesRead > maxPages ? undefined : [...found.values()];
}

/** The images of a request, in their order, tell it from those that others submitted meanwhile. */
function hasImages({ request }: IDataObject, images: Lost['images']): boolean {
	const present = imagesIn(isObject(request) ? request.messages : undefined);
	return JSON.stringify(present.map(describePart)) === JSON.stringify(images.map(describePart));
}
