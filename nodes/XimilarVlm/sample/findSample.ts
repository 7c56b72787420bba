import type { IDataObject } from 'n8n-workflow';
import type { Api, Query } from '../../shared/api/client';
import { fail } from '../../shared/api/error';
import { getPage, pages } from '../../shared/api/pages';
import { samples } from '../entities';

/** Finds samples of a dataset by their exact names, for all items of a run. */
interface SampleFinder {
	/** @throws XimilarError when several samples have the name */
	find(name: string): Promise<IDataObject | undefined>;
	/** Takes in a sample that was made meanwhile. */
	add(sample: IDataObject): void;
	/** Looks at everything anew: a call that makes a sample did not come to its end. */
	reset(): void;
}

/**
 * The service finds parts of names only, so a search for "Card 1" pages through Card 10, Card 11 and
 * so on. For the first name it is asked; then as many pages of the whole list are read as searches
 * have cost so far, until all of it is known and nothing has to be asked any more. So one item costs
 * one search, and many cost the list and as many pages of searches at most.
 */
export function createSampleFinder(api: Api, dataset: string): SampleFinder {
	const read = async (query: Query) => await getPage(api, samples.path, samples.schema, query);
	const startState = () => ({
		known: new Map<unknown, IDataObject>(),
		/** Pages that searches have cost. */
		searched: 0,
		list: pages(samples.path, { dataset }, read),
		/** Pages of the list that were read. */
		listed: 0,
		isWhole: false,
	});
	let state = startState();
	type State = typeof state;

	const add = (now: State, page: IDataObject[]) =>
		page.forEach((sample) => now.known.set(sample.id, sample));
	const reset = () => {
		state = startState();
	};

	async function readListPage(now: State): Promise<void> {
		const { value: page } = await now.list.next().catch((error: unknown) => {
			// A walk that broke off cannot go on.
			reset();
			throw error;
		});
		add(now, page?.results ?? []);
		now.listed++;
		now.isWhole = !page?.next;
	}

	async function search(now: State, name: string): Promise<void> {
		for await (const page of pages(samples.path, { dataset, search: name }, read)) {
			add(now, page.results);
			now.searched++;
		}
	}

	async function find(name: string): Promise<IDataObject | undefined> {
		// Another item may reset it meanwhile: what is read goes where it belongs.
		const now = state;
		while (!now.isWhole && now.listed < now.searched) await readListPage(now);
		if (!now.isWhole) await search(now, name);
		const found = [...now.known.values()].filter(
			(sample) =>
				sample.name === name && (sample.dataset === undefined || sample.dataset === dataset),
		);
		if (found.length > 1) {
			const all = found.map(({ id }) => String(id)).join(', ');
			fail(
				`The dataset has ${found.length} samples with the name "${name}": ${all}`,
				'Rename all but one of them in the Ximilar App, or set If Sample Exists to Create Another. Nothing was sent.',
			);
		}
		return found[0];
	}

	return { find, add: (sample) => add(state, [sample]), reset };
}
