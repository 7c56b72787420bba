import type { IDataObject } from 'n8n-workflow';
import { XimilarError } from '../../../nodes/shared/api/error';
import type { Field, Source } from '../../../nodes/shared/engine/field';

/** Fields without n8n: what is read from an item, and what is said of a value that cannot be used. */

/** An item, beside parameters of its node by their paths; those that are not there are hidden. */
export function sourceOf(parameters: IDataObject = {}, json: IDataObject = {}): Source {
	return { parameter: (path) => parameters[path] ?? null, item: () => json };
}

/** What a field makes of a value, or the error that it refuses it with. */
export function outcome(field: Field<unknown>, raw: unknown, source = sourceOf()): unknown {
	try {
		return field.read(raw, source, 'field');
	} catch (error) {
		return error;
	}
}

/** A refusal: its two texts, whole. */
export const refusal = (message: string, description: string): unknown =>
	expect.objectContaining({ constructor: XimilarError, kind: 'input', message, description });

/** Whether a value was refused in words about the field of this label. */
export const isRefusal = (value: unknown, label: string): boolean =>
	value instanceof XimilarError && value.message.startsWith(`${label} `);
