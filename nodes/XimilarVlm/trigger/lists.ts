import type { IDataObject } from 'n8n-workflow';
import type { Api, Query, Schema } from '../../shared/api/client';
import { at, REQUEST } from '../../shared/api/entities';
import { XimilarError } from '../../shared/api/error';
import { getPage } from '../../shared/api/pages';
import {
	doneRequest,
	FAILED_STATUSES,
	HISTORY,
	listedRequest,
	OPEN_STATUSES,
	wholeRequest,
} from '../request/answer';
import { PAGE_SIZE } from './reading';
import { fingerprintOf, hash } from './state';
import type { Listed, ListPage } from './walk';

/** The API's lists of requests, as the trigger reads them. */

/** What the trigger watches. */
interface Watch {
	event: 'done' | 'failed' | 'finished';
	task?: string;
	workspace?: string;
	/** Stands for the account, see {@link accountKey}. */
	account: string;
}

/** An entry with what is known of its request. */
export interface ListedRequest extends Listed {
	request: IDataObject;
	/** The list told all that its items need. */
	isWhole: boolean;
}

/** A list of finished requests. */
export interface List {
	/** Stands for the list in the state: another account or filter makes another list. */
	key: string;
	/** The final status of its requests. */
	status: string;
	/** Pages are numbered, not led to by a cursor. */
	numbered: boolean;
	/**
	 * @param position the query of the page; the first page when it is undefined
	 * @returns undefined when the position is not known any more
	 */
	readPage(
		position: Query | undefined,
		pageSize: number,
	): Promise<ListPage<ListedRequest> | undefined>;
}

/** Where finishes come from. */
export interface Source {
	/** Stands for the account and the filters. */
	key: string;
	lists: List[];
	/** A request, whatever its status; undefined when it was deleted. */
	getRequest(id: string): Promise<ListedRequest | undefined>;
	/** The requests that are still to finish: short lists, of which the first pages are enough. */
	getUnfinished(): Promise<ListedRequest[]>;
	/** The service's time, as far as its answers have shown it. */
	clock(): number;
}

/** Stands for an account: finishes of one must never be taken for those of another. */
export function accountKey({ base, token }: { base: string; token: string }): string {
	return hash(`${base} ${token}`);
}

/**
 * The lists of what is watched. Short functions in one scope, because all of them need what is watched.
 * @param clients one for lists, one for single requests
 * @param clock the service's time, as far as its answers have shown it
 */
export function sourceOf(
	clients: { lists: Api; requests: Api },
	watch: Watch,
	clock: () => number,
): Source {
	const { event, task, workspace } = watch;
	const key = [watch.account, task ?? '', workspace ?? ''].join(' ');
	const requests = clients.requests.inWorkspace(workspace);
	const statuses = [
		...(event === 'failed' ? [] : ['DONE']),
		...(event === 'done' ? [] : FAILED_STATUSES),
	];

	/** A filter that the service does not know is one that it ignores. */
	const belongs = ({ task_id, workspace: where }: IDataObject) =>
		(!task || (task_id ?? task) === task) && (!workspace || (where ?? workspace) === workspace);

	async function readPage(
		status: string,
		query: Query,
		entries: { path: string; schema: Schema<IDataObject>; isWhole: boolean },
		client = clients.lists,
	): Promise<ListPage<ListedRequest>> {
		const page = await getPage(client, entries.path, entries.schema, query);
		return {
			entries: page.results
				.map((request) =>
					entryOf({ ...request, status: request.status ?? status }, entries.isWhole),
				)
				.filter((entry) => entry.status === status && belongs(entry.request)),
			next: page.next,
			clock: clock(),
		};
	}

	const listOf = (status: string): List => {
		const done = status === 'DONE';
		const entries = done
			? { path: HISTORY, schema: doneRequest, isWhole: true }
			: { path: REQUEST.path, schema: listedRequest, isWhole: false };
		const filters = { ...(done ? {} : { status }), task_id: task, workspace };
		return {
			key: `${status} ${key}`,
			status,
			numbered: !done,
			readPage: async (position, page_size) =>
				await readPage(status, position ?? { ...filters, page_size }, entries).catch(
					position ? unlessStatus(400, 404) : unlessStatus(),
				),
		};
	};

	return {
		key,
		lists: statuses.map(listOf),
		getRequest: async (id) => {
			const request = await requests.get(at(REQUEST, id), wholeRequest).catch(unlessStatus(404));
			return request && entryOf(request, true);
		},
		getUnfinished: async () => {
			const pages = OPEN_STATUSES.map(
				async (status) =>
					await readPage(
						status,
						{ status, task_id: task, workspace, page_size: PAGE_SIZE },
						{ path: REQUEST.path, schema: listedRequest, isWhole: false },
						clients.requests,
					),
			);
			return (await Promise.all(pages)).flatMap(({ entries }) => entries);
		},
		clock,
	};
}

/** A request as an entry of a list. */
export function entryOf(request: IDataObject, isWhole = false): ListedRequest {
	const { id, status, created, started_at: started, completed_at: completed } = request;
	return {
		id: String(id),
		status: String(status),
		at: timeOf(completed),
		created: timeOf(created),
		began: timeOf(started) ?? timeOf(created),
		fingerprint: fingerprintOf(request),
		request,
		isWhole,
	};
}

/** A time in milliseconds; undefined where it is not told. */
function timeOf(time: unknown): number | undefined {
	if (typeof time !== 'string') return undefined;
	const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`);
	return Number.isNaN(at) ? undefined : at;
}

function unlessStatus(...statuses: number[]) {
	return (error: unknown): undefined => {
		if (error instanceof XimilarError && statuses.includes(error.status ?? 0)) return undefined;
		throw error;
	};
}
