import type { IDataObject } from 'n8n-workflow';
import { withoutBytes } from '../api/images';
import { combineErrors } from './analysis';
import type { Fields, Values } from './field';
import { aboutImage, imageFields, type ImageInput, type ImageValues } from './imageFields';
import { ITEMS_AT_ONCE, runOf, simplifyField, type Operation, type Run } from './operation';
import { mapLimit } from '../api/concurrency';
import type { Row, Session } from './session';

/**
 * An operation that does one thing with each image of an item, by calls of its own: a row each. An
 * image that cannot be done leaves the rows of the item's others.
 */
export function imageOperation<F extends Fields>(declaration: {
	name: string;
	action: string;
	description: string;
	fields: F;
	/** The short form of a result, good as a spreadsheet row; the user can switch it off. */
	simplify(result: IDataObject): IDataObject;
	run(run: Run, image: ImageInput, values: Values<F>): Promise<IDataObject>;
}): Operation {
	const { name, action, description, run, simplify } = declaration;
	const fields: Fields = {
		...imageFields(),
		...declaration.fields,
		simplify: simplifyField(),
	};

	async function performItem(session: Session, index: number): Promise<void> {
		const rows: Row[] = [];
		const errors: unknown[] = [];
		try {
			const values = session.values(fields, index);
			const itemRun = runOf(session, index);
			for (const image of itemRun.images(values as unknown as ImageValues)) {
				try {
					session.throwIfEnded();
					const result = withoutBytes(await run(itemRun, image, values as Values<F>));
					rows.push({
						json: values.simplify ? { image: image.name, ...simplify(result) } : result,
					});
				} catch (error) {
					errors.push(aboutImage(image.name, error));
					// The node is about to end with this: nothing further is created.
					if (!session.context.continueOnFail()) break;
				}
			}
		} catch (error) {
			errors.push(error);
		}
		if (rows.length) session.done(index, rows);
		if (errors.length) session.failed(index, combineErrors(errors));
	}

	return {
		name,
		action,
		description,
		fields,
		perform: async (session) =>
			await mapLimit(session.indexes, ITEMS_AT_ONCE, async (index) => {
				await performItem(session, index);
			}),
	};
}
