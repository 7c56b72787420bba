import type { IDataObject } from 'n8n-workflow';
import type { Api, Query } from '../../../nodes/shared/api/client';
import { XimilarError } from '../../../nodes/shared/api/error';
import type { VirtualClock } from './clock';

/** A request of the service: when each status begins, in milliseconds. */
export interface Life {
	statuses: Array<[number, string]>;
	workspace?: string;
}

const LATENCY = 100;
const OPEN = ['CREATED', 'PROCESSING', 'RETRY'];
const DEFAULT_WORKSPACE = 'main';

interface Settings {
	/** Other people's requests that are open all the time, and stand in front. */
	others?: number;
	/** What answers 404 always. */
	broken?: string[];
	/** What never answers. */
	silent?: string[];
	/** Requests do not say which workspace they belong to. */
	nameless?: boolean;
	/** A request is found by its ID from every workspace. */
	foundAnywhere?: boolean;
}

/** The calls for requests, answered out of memory after some virtual time, and counted. */
export function service(
	clock: VirtualClock,
	lives: Record<string, Life>,
	{ others = 0, broken = [], silent = [], nameless, foundAnywhere = true }: Settings = {},
) {
	const calls = { open: 0, history: 0, status: 0, whole: 0, inVain: 0 };
	const strangers = Array.from({ length: others }, (_, at) => ({
		id: `other${at}`,
		status: 'CREATED',
	}));

	const entry = (id: string): IDataObject & { since: number } => {
		const { statuses, workspace = DEFAULT_WORKSPACE } = lives[id]!;
		const [since, status] = statuses.filter(([from]) => clock.now() >= from).at(-1)!;
		return { id, status, since, ...(nameless ? {} : { workspace }) };
	};
	const withStatus = (status: string, workspace: string) =>
		Object.keys(lives)
			.filter((id) => (lives[id]!.workspace ?? DEFAULT_WORKSPACE) === workspace)
			.map(entry)
			.filter((one) => one.status === status);

	function answer(path: string, query: Query, workspace = DEFAULT_WORKSPACE): unknown {
		const [, id = '', more] = /^vlm\/v2\/request\/(?:([^/]+)\/)?(?:(status)\/)?$/.exec(path)!;
		const kind = !id ? 'open' : id === 'history' ? 'history' : more === 'status' ? more : 'whole';
		calls[kind as keyof typeof calls]++;
		if (silent.includes(kind)) return new Promise(() => {});
		if (broken.includes(kind)) throw notFound();
		if (kind === 'open' || kind === 'history') {
			const status = kind === 'open' ? String(query.status) : 'DONE';
			const own = withStatus(status, workspace);
			if (kind === 'history') own.sort((a, b) => b.since - a.since);
			return pageOf(kind === 'open' && status === 'CREATED' ? [...strangers, ...own] : own, query);
		}
		const isHere = (lives[id]?.workspace ?? DEFAULT_WORKSPACE) === workspace || foundAnywhere;
		if (!lives[id] || !isHere) throw notFound();
		const { since: _, ...request } = entry(id);
		if (kind === 'status') return { status: request.status };
		if (OPEN.includes(String(request.status))) calls.inVain++;
		return request;
	}

	const apiIn = (workspace?: string): Api =>
		({
			get: async (path, schema, query = {}) => {
				await clock.sleep(LATENCY);
				return schema.parse(await answer(path, query, workspace));
			},
			inWorkspace: (other) => apiIn(other),
		}) as Api;

	return { api: apiIn(), calls };
}

function pageOf(all: unknown[], query: Query) {
	const [page, size] = [Number(query.page ?? 1), Number(query.page_size)];
	const next = new URLSearchParams({ ...query, page: String(page + 1) } as Record<string, string>);
	for (const [key, value] of [...next]) if (value === 'undefined') next.delete(key);
	return {
		results: all.slice((page - 1) * size, page * size),
		next: page * size < all.length ? `https://api.ximilar.com/?${next.toString()}` : null,
	};
}

const notFound = () =>
	new XimilarError('Ximilar did not find it', 'Check the ID.', { kind: 'notFound', status: 404 });

/** Requests r0, r1 and so on. */
export const many = (count: number, life: (at: number) => Life): Record<string, Life> =>
	Object.fromEntries(Array.from({ length: count }, (_, at) => [`r${at}`, life(at)]));

export const always = (status: string, more: Partial<Life> = {}): Life => ({
	statuses: [[0, status]],
	...more,
});
