import type { IDataObject } from 'n8n-workflow';

/** A row without the fields of which the answer tells nothing. */
export function told(row: IDataObject): IDataObject {
	return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

/**
 * A row with further fields in front. A further field whose name the row has already, with another
 * value, is renamed: none is lost.
 * @param prefix what a renamed field begins with, e.g. "input" for input_label, then input_2_label
 */
export function withFieldsInFront(
	further: IDataObject,
	row: IDataObject,
	prefix: string,
): IDataObject {
	const taken = new Set([...Object.keys(further), ...Object.keys(row)]);
	const renamed = (key: string, count = 1): string => {
		const name = count === 1 ? `${prefix}_${key}` : `${prefix}_${count}_${key}`;
		if (taken.has(name)) return renamed(key, count + 1);
		taken.add(name);
		return name;
	};
	const entries = Object.entries(further).map(([key, value]) => {
		const clashes = Object.hasOwn(row, key) && JSON.stringify(row[key]) !== JSON.stringify(value);
		return [clashes ? renamed(key) : key, value];
	});
	return { ...Object.fromEntries(entries), ...row };
}
