import type { IDataObject } from 'n8n-workflow';
import { path } from '../../shared/api/address';
import type { Api, Query } from '../../shared/api/client';
import { getPage } from '../../shared/api/pages';
import { XimilarError, fail } from '../../shared/api/error';
import { inWorkspace } from '../../shared/api/workspace';
import {
	doneRequest,
	FAILED_STATUSES,
	HISTORY,
	listedRequest,
	REQUESTS,
	wholeRequest,
} from '../request/answer';
import type { List, PageHooks } from './reading';
import { fingerprintOf, type Finish } from './state';

/** The API's lists of finished requests, as the trigger reads them. */

/** What the trigger watches. */
export interface Watch {
	event: 'done' | 'failed' | 'finished';
	task?: string;
	workspace?: string;
	/** Items need more of a failed request than its list tells. */
	details: boolean;
}

/** A finish with what is known of its request. */
export interface Found extends Finish {
	request: IDataObject;
}

const MINUTE = 60_000;
/** How long after its completion a request may stay out of the history. */
const HISTORY_LATENESS = 15 * MINUTE;
/**
 * The same for the list of requests. It is paged by numbers: an entry that leaves it, by a
 * resubmission say, moves the others forward past a reading. No single reading proves anything then;
 * all that were begun within a day do.
 */
const LIST_LATENESS = 24 * 60 * MINUTE;

const PAGE_SIZE = 100;
const CALLS_AT_ONCE = 4;

/** The lists that hold the finishes of an event: request/history/, and request/ by each status. */
export function listsOf(api: Api, watch: Watch, clock: () => number): Array<List<Found>> {
	const { event } = watch;
	return [
		...(event === 'failed' ? [] : ['DONE']),
		...(event === 'done' ? [] : FAILED_STATUSES),
	].map((status) => listOf(api, watch, status, clock));
}

function listOf(
	anywhere: Api,
	{ task, workspace, details }: Watch,
	status: string,
	clock: () => number,
): List<Found> {
	const api = inWorkspace(anywhere, workspace);
	const done = status === 'DONE';
	const first: Query = {
		...(done ? {} : { status }),
		task_id: task,
		workspace,
		page_size: PAGE_SIZE,
	};

	/** A filter that the service does not know is one that it ignores. */
	const belongs = (entry: IDataObject) =>
		(entry.status ?? status) === status &&
		(!task || (entry.task_id ?? task) === task) &&
		(!workspace || (entry.workspace ?? workspace) === workspace);

	/** The whole request, unless it was deleted or resubmitted meanwhile. */
	const getWhole = async (id: string): Promise<IDataObject | undefined> => {
		const request = await api
			.get(path`vlm/v2/request/${id}/`, wholeRequest)
			.catch(unlessStatus(404));
		return request?.status === status ? request : undefined;
	};

	const finishOf = async (
		entry: IDataObject,
		{ isNew, isKnown }: PageHooks<Found>,
	): Promise<{ found: Found; fingerprint?: string } | undefined> => {
		const id = String(entry.id);
		const listed = completionOf(entry);
		if (listed !== undefined) {
			const finish = { id, at: listed };
			if (done || !details || !isNew(finish)) return { found: { ...finish, request: entry } };
			const request = await getWhole(id);
			// Another time means another finish, which the list will show by itself.
			const same = request && Math.abs((completionOf(request) ?? listed) - listed) <= 1000;
			return same ? { found: { ...finish, request } } : undefined;
		}
		const fingerprint = fingerprintOf(entry);
		if (isKnown(fingerprint)) return undefined;
		const request = await getWhole(id);
		if (!request) return undefined;
		const at = completionOf(request) ?? fail(...withoutCompletion(id));
		return { found: { id, at, request }, fingerprint: fingerprint };
	};

	return {
		key: [status, task ?? '', workspace ?? ''].join(' '),
		allowedLateness: done ? HISTORY_LATENESS : LIST_LATENESS,
		readPage: async (position, hooks) => {
			const page = await getPage(
				anywhere,
				done ? HISTORY : REQUESTS,
				done ? doneRequest : listedRequest,
				position ?? first,
			).catch(position ? unlessStatus(400, 404) : unlessStatus());
			if (!page) return undefined;
			const reached = clock();
			const entries = page.results.filter(belongs);
			for (let at = 0; at < entries.length; at += CALLS_AT_ONCE) {
				const outcomes = await Promise.allSettled(
					entries.slice(at, at + CALLS_AT_ONCE).map(async (entry) => await finishOf(entry, hooks)),
				);
				for (const outcome of outcomes) {
					if (outcome.status === 'rejected') throw outcome.reason;
					if (!outcome.value) continue;
					hooks.take(outcome.value.found);
					if (outcome.value.fingerprint) hooks.remember(outcome.value.fingerprint);
				}
			}
			return { next: page.next, clock: reached };
		},
	};
}

/** When a request finished, in milliseconds; undefined where it is not told. */
function completionOf({ completed_at: time }: IDataObject): number | undefined {
	if (typeof time !== 'string') return undefined;
	const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`);
	return Number.isNaN(at) ? undefined : at;
}

const withoutCompletion = (id: string): Parameters<typeof fail> => [
	`Ximilar does not tell when request ${id} finished`,
	"Its completed_at is missing, which this trigger cannot do without. Ximilar's API may have changed: update this package, or report it to its maintainers.",
];

function unlessStatus(...statuses: number[]) {
	return (error: unknown): undefined => {
		if (error instanceof XimilarError && statuses.includes(error.status ?? 0)) return undefined;
		throw error;
	};
}
