import type { IDataObject } from 'n8n-workflow';
import { asObject, holds } from '../../shared/api/json';

/** What a sample says of itself, as an item wants it; what is undefined may stay as it is. */
export interface SampleFacts {
	description?: string;
	test?: boolean;
	type?: string;
	input_meta_data?: IDataObject;
	meta_data?: IDataObject;
}

/** What has to be changed in a sample that is there, by the calls that change it. */
interface Differences {
	/** POST set-test/ and set-untest/. */
	test?: boolean;
	/** PATCH, as seed 003 prints it. */
	printed: Pick<SampleFacts, 'type' | 'input_meta_data'>;
	/** PATCH of what a new sample takes, but no document says that it can be changed. */
	unprinted: Pick<SampleFacts, 'description' | 'meta_data'>;
}

export function differencesOf(sample: IDataObject, wanted: SampleFacts): Differences {
	const { description, test, type, input_meta_data, meta_data } = wanted;
	const differs = {
		test: test !== undefined && sample.test !== test,
		type: type !== undefined && sample.type !== type,
		input_meta_data: input_meta_data && !holds(sample.input_meta_data, input_meta_data),
		description: description !== undefined && (sample.description ?? '') !== description,
		meta_data: meta_data && !holds(sample.meta_data, meta_data),
	};
	return {
		...(differs.test && { test }),
		printed: {
			...(differs.type && { type }),
			// "The metadata is merged with any existing input metadata" (seed 003).
			...(differs.input_meta_data && { input_meta_data }),
		},
		unprinted: {
			...(differs.description && { description }),
			...(differs.meta_data && { meta_data: { ...asObject(sample.meta_data), ...meta_data } }),
		},
	};
}
