import type { IDataObject } from 'n8n-workflow';
import type { Api } from '../../shared/api/client';
import { getList } from '../../shared/api/pages';
import { fail } from '../../shared/api/error';
import { entitySchema } from '../../shared/api/schemas';

export const SAMPLES = 'vlm/v2/sample/';

/**
 * The sample of a dataset that has exactly this name: the service finds parts of names only.
 * @throws XimilarError when several have it
 */
export async function findSample(
	api: Api,
	dataset: string,
	name: string,
): Promise<IDataObject | undefined> {
	const isIt = (sample: IDataObject) =>
		sample.name === name && (sample.dataset === undefined || sample.dataset === dataset);
	const query = { dataset, search: name };
	const found = await getList(api, SAMPLES, entitySchema, query, Infinity, isIt);
	if (found.length > 1) {
		const all = found.map(({ id }) => String(id)).join(', ');
		fail(
			`The dataset has ${found.length} samples with the name "${name}": ${all}`,
			'Rename all but one of them in the Ximilar App, or set If Sample Exists to Create Another. Nothing was sent.',
		);
	}
	return found[0];
}
