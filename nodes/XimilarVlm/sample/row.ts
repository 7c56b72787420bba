import type { IDataObject } from 'n8n-workflow';

/** A sample as a spreadsheet row. */
export function sampleRow(sample: IDataObject): IDataObject {
	return {
		id: sample.id,
		name: sample.name,
		test: sample.test,
		type: sample.type,
		images_count: sample.images_count,
		objects_count: sample.objects_count,
		variables_count: sample.variables_count,
		input_meta_data: sample.input_meta_data,
		description: sample.description,
		dataset: sample.dataset,
	};
}
