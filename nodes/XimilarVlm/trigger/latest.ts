import { fail } from '../../shared/api/error';
import type { List, ListedRequest, Source } from './lists';
import { PAGE_SIZE } from './reading';
import { byCompletion, keyOf } from './state';

const SHOWN = 5;

/**
 * The latest finishes, for a test run: no state is read or written. A list that cannot be read does
 * not hide the others.
 * @param details items need more of a failed request than its list tells
 * @param explain puts the error of a list in words
 * @throws when no list can be read, or none has a finish
 */
export async function latestOf(
	{ lists, getRequest }: Source,
	details: boolean,
	explain: (error: unknown, list: List) => unknown,
): Promise<ListedRequest[]> {
	const pages = await Promise.allSettled(
		lists.map(async (list) => (await list.readPage(undefined, PAGE_SIZE))?.entries ?? []),
	);
	const [first] = pages;
	if (first?.status === 'rejected' && pages.every(({ status }) => status === 'rejected')) {
		throw explain(first.reason, lists[0]!);
	}
	const entries = pages.flatMap((page) => (page.status === 'fulfilled' ? page.value : []));
	const latest = entries.sort(byCompletion).slice(-SHOWN);
	const whole = await Promise.all(
		latest.map(async (entry) => {
			if (entry.at !== undefined && (entry.isWhole || !details)) return entry;
			return (await getRequest(entry.id).catch(() => undefined)) ?? entry;
		}),
	);
	if (!whole.length) {
		fail(
			'Ximilar has no finished request to show',
			'Submit a request and wait until it has finished, or check Event and Filters.',
		);
	}
	return [...new Map(whole.map((entry) => [keyOf(entry), entry])).values()].sort(byCompletion);
}
