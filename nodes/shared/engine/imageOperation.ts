import type { IDataObject } from 'n8n-workflow';
import { mapLimit } from '../api/concurrency';
import type { Item, Run } from './execution';
import type { Fields } from './field';
import { imageFields } from './imageFields';
import { aboutImage, type ImageInput, type ImageValues } from './imageInput';
import {
	declared,
	ITEMS_AT_ONCE,
	type Declaration,
	type DeclaredValues,
	type Operation,
} from './operation';

/**
 * An operation that does one thing with each image of an item, by calls of its own: a row each. An
 * image that cannot be done leaves the rows of the item's others.
 */
export function imageOperation<F extends Fields, O extends Fields>(
	declaration: Declaration<F, O> & {
		simplify(row: IDataObject): IDataObject;
		run(run: Run, image: ImageInput, values: DeclaredValues<F, O>): Promise<IDataObject>;
	},
): Operation {
	const { run, simplify, fields, ...rest } = declaration;
	const { texts, itemsOf } = declared({
		...rest,
		fields: { ...imageFields(), ...fields },
		simplify: ({ image, ...row }) => ({ image, ...simplify(row) }),
	});

	async function performItem(item: Item<DeclaredValues<F, O>>): Promise<void> {
		const rows: IDataObject[] = [];
		const errors: unknown[] = [];
		try {
			item.throwIfEnded();
			for (const image of item.images(item.values as unknown as ImageValues)) {
				try {
					item.throwIfEnded();
					rows.push({ image: image.name, ...(await run(item, image, item.values)) });
				} catch (error) {
					errors.push(aboutImage(image.name, error));
					// The node is about to end with this: nothing further is created.
					if (!item.continueOnFail) break;
				}
			}
		} catch (error) {
			errors.push(error);
		}
		item.end({ rows, errors });
	}

	return {
		...texts,
		perform: async (execution) => await mapLimit(itemsOf(execution), ITEMS_AT_ONCE, performItem),
	};
}
