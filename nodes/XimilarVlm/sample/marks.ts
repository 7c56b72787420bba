import type { IDataObject } from 'n8n-workflow';
import { path } from '../../shared/api/address';
import type { Api } from '../../shared/api/client';
import { objectOrEmpty } from '../../shared/api/schemas';

/**
 * Makes a sample a test sample, or a training sample again: POST sample/ID/set-test/ and
 * set-untest/ (seed 003). A lost call is sent again: the mark is the same afterwards.
 */
export async function markTest(api: Api, sample: string, test: boolean): Promise<IDataObject> {
	const call = test ? 'set-test' : 'set-untest';
	return await api.post(path`vlm/v2/sample/${sample}/${call}/`, objectOrEmpty, undefined, {
		idempotent: true,
	});
}

/** Changes a sample: PATCH sample/ID/ with `type` or `input_meta_data` (seed 003). */
export async function changeSample(
	api: Api,
	sample: string,
	changes: IDataObject,
): Promise<IDataObject> {
	return await api.patch(path`vlm/v2/sample/${sample}/`, objectOrEmpty, changes);
}
