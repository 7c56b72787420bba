import type { IDataObject } from 'n8n-workflow';

/** A variable as a spreadsheet row: what it is, then the rules that it has. */
export function variableRow(variable: IDataObject): IDataObject {
	const {
		id,
		name,
		type,
		required,
		description,
		dataset,
		dataset_name,
		workspace: _,
		...rules
	} = variable;
	const set = Object.entries(rules).filter(([, rule]) => rule !== null);
	return {
		id,
		name,
		type,
		required,
		...Object.fromEntries(set),
		description,
		dataset,
		dataset_name,
	};
}
