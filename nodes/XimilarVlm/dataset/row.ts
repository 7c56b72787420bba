import type { IDataObject } from 'n8n-workflow';

/** A dataset as a spreadsheet row. */
export function datasetRow(dataset: IDataObject): IDataObject {
	return {
		id: dataset.id,
		name: dataset.name,
		samples_count: dataset.samples_count,
		variables_count: dataset.variables_count,
		result_format: dataset.result_format,
		system_prompt_id: dataset.system_prompt_id,
		user_prompt_id: dataset.user_prompt_id,
		result_template_id: dataset.result_template_id,
		default_input_meta_data: dataset.default_input_meta_data,
		description: dataset.description,
	};
}
