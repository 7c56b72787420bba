import type { IExecuteFunctions } from 'n8n-workflow';
import { isObject } from '../api/json';
import type { Source } from './field';

/**
 * The parameters of a run, item by item. One without an expression is the same for all items, so n8n
 * is asked for it once: it takes as long over each as over an expression.
 * @returns what the fields of an item are read from, by the item's position
 */
export function createParameters(context: IExecuteFunctions): (index: number) => Source {
	const same = new Map<string, unknown>();
	const different = new Set<string>();
	const resolved = (path: string, index: number, asStored: boolean) =>
		context.getNodeParameter(path, index, null, { rawExpressions: asStored }) as unknown;
	return (index) => ({
		parameter: (path, asStored = false) => {
			const key = `${path} ${asStored}`;
			if (same.has(key)) return same.get(key);
			const value = resolved(path, index, asStored);
			if (different.has(key)) return value;
			if (!asStored && hasExpression(resolved(path, index, true))) different.add(key);
			else same.set(key, value);
			return value;
		},
		item: () => context.getInputData()[index]!.json,
	});
}

/** Whether n8n has something to resolve in a stored parameter: a text that begins with "=", at any depth. */
function hasExpression(stored: unknown): boolean {
	if (typeof stored === 'string') return stored.startsWith('=');
	if (Array.isArray(stored)) return stored.some(hasExpression);
	return isObject(stored) && Object.values(stored).some(hasExpression);
}
