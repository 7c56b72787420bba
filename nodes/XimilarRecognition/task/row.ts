import type { IDataObject } from 'n8n-workflow';
import { labelNames } from '../labels';

/** A task as a spreadsheet row. A version of -1 means that it is not trained yet (seed 002). */
export function taskRow(task: IDataObject): IDataObject {
	return {
		id: task.id,
		name: task.name,
		type: task.type,
		trained: typeof task.production_version === 'number' && task.production_version >= 0,
		production_version: task.production_version,
		last_train_status: task.last_train_status,
		labels: labelNames(task) ?? [],
		description: task.description,
		workspace: task.workspace,
	};
}

/** Tells a task in the picker that cannot classify yet. */
export function trainedOrNot(task: IDataObject): string | undefined {
	return task.production_version === -1 ? 'not trained yet' : undefined;
}
