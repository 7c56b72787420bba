import type { IDataObject } from 'n8n-workflow';
import type { Api } from '../../../nodes/shared/api/client';
import type { WaitingItem } from '../../../nodes/XimilarVlm/request/waiting';

export interface Ended {
	rows: IDataObject[];
	errors: string[];
}

/** Items of one request each, and how each was ended. */
export function itemsOf(
	ids: string[],
	api: Api,
	{
		options = {},
		scope = {},
		signal = new AbortController().signal,
		simplify = true,
		status,
	}: Partial<WaitingItem> & { signal?: AbortSignal; simplify?: boolean } = {},
) {
	const ended = new Map<string, Ended>();
	const items = ids.map((id): WaitingItem => ({
		ids: [id],
		status,
		options,
		scope,
		item: {
			api,
			signal,
			values: { simplify },
			end: ({ rows = [], errors = [] }) => {
				if (ended.has(id)) throw new Error(`${id} was ended twice`);
				ended.set(id, { rows, errors: errors.map((error) => (error as Error).message) });
			},
			report: () => {},
		},
	}));
	return { items, ended };
}
