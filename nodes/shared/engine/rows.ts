import type { IDataObject } from 'n8n-workflow';

/**
 * A row with further fields in front. A further field whose name the row has already, with another
 * value, is renamed: neither is lost.
 * @param prefix what a renamed field begins with, e.g. "input"
 */
export function withFieldsInFront(
	further: IDataObject,
	row: IDataObject,
	prefix: string,
): IDataObject {
	const entries = Object.entries(further).map(([key, value]) => {
		const clashes = key in row && JSON.stringify(row[key]) !== JSON.stringify(value);
		return [clashes ? `${prefix}_${key}` : key, value];
	});
	return { ...Object.fromEntries(entries), ...row };
}
