import type { IDataObject } from 'n8n-workflow';

/** A task as a spreadsheet row. */
export function taskRow(task: IDataObject): IDataObject {
	return {
		id: task.id,
		name: task.name,
		production_version: task.production_version,
		last_version: task.last_version,
		datasets: task.datasets,
		system_prompt_id: task.system_prompt_id,
		user_prompt_id: task.user_prompt_id,
		system_prompt: task.system_prompt,
		user_prompt: task.user_prompt,
		description: task.description,
	};
}
