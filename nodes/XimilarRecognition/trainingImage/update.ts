import type { IDataObject } from 'n8n-workflow';
import { mapLimit } from '../../shared/api/concurrency';
import { at } from '../../shared/api/entities';
import { fail, XimilarError } from '../../shared/api/error';
import { asObject } from '../../shared/api/json';
import { getImage, markImages } from '../../shared/api/trainingImages';
import { collection } from '../../shared/engine/collection';
import { ITEMS_AT_ONCE, type Item as ItemOf } from '../../shared/engine/execution';
import { boolean, choice, jsonObject, shownWhen } from '../../shared/engine/field';
import { jointOperation, type DeclaredValues } from '../../shared/engine/operation';
import { trainingImageId, trainingImages } from '../entities';

const fields = {
	trainingImage: trainingImageId(),
	metadataChange: choice(
		{
			displayName: 'Metadata Change',
			default: 'keep',
			description: 'What happens to the metadata that the image has',
		},
		[
			{ name: 'Clear', value: 'clear', description: 'All of it is deleted' },
			{ name: 'Keep', value: 'keep', description: 'It stays as it is' },
			{ name: 'Merge', value: 'merge', description: 'Entries are added, or replaced by name' },
			{ name: 'Replace', value: 'replace', description: 'All of it is replaced' },
		],
	),
	metadata: shownWhen(
		{ metadataChange: ['merge', 'replace'] },
		jsonObject({
			displayName: 'Metadata',
			placeholder: 'e.g. {"sku": "A-17"}',
			description: 'The new metadata, as a JSON object',
		}),
	),
	updateFields: collection(
		{
			real: boolean({
				displayName: 'Real',
				default: true,
				description: 'Whether the image is marked as real',
			}),
			test: boolean({
				displayName: 'Test',
				default: true,
				description:
					'Whether the image is marked as a test image, which measures how good a model is and does not train it',
			}),
		},
		{ displayName: 'Update Fields', placeholder: 'Add Field' },
	),
};

type Item = ItemOf<DeclaredValues<typeof fields, Record<never, never>>>;

export const update = jointOperation({
	name: 'Update',
	action: 'Update training image',
	description: 'Change the metadata of a training image, and mark it as a test image or as real',
	fields,
	workspace: true,
	simplify: trainingImages.row,
	run: async (items) => {
		const images = new Map<Item, IDataObject>();
		await mapLimit(items, ITEMS_AT_ONCE, async (item) => {
			// Items of the same image take turns: merging reads first what it writes then.
			await item.withLock(item.values.trainingImage, async () => {
				try {
					item.throwIfEnded();
					images.set(item, await withNewMetadata(item));
				} catch (error) {
					item.end({ errors: [error] });
				}
			});
		});
		for (const group of markedAlike(items.filter((item) => images.has(item)))) {
			const errors = await mark(group);
			for (const item of group) {
				const { trainingImage, updateFields: marks } = item.values;
				const error = errors.get(trainingImage);
				if (error) item.end({ errors: [afterMetadata(item, error)] });
				else item.end({ rows: [withMarks(images.get(item)!, marks)] });
			}
		}
	},
});

/** The image with its new metadata, which PUT replaces as a whole (`api.md`). */
async function withNewMetadata({ api, values }: Item): Promise<IDataObject> {
	const { trainingImage: id, metadataChange, metadata, updateFields } = values;
	if (metadataChange === 'keep') {
		if (Object.keys(updateFields).length) return { id };
		fail('Nothing to change', 'Set Metadata Change, or add a field to Update Fields.');
	}
	const present = metadataChange === 'merge' ? (await getImage(api, id)).meta_data : {};
	return await api.put(at(trainingImages, id), trainingImages.schema, {
		meta_data: { ...asObject(present), ...metadata },
	});
}

/** Items whose images get the same marks in the same workspace: one call serves them all. */
function markedAlike(items: Item[]): Item[][] {
	const groups = new Map<string, Item[]>();
	for (const item of items) {
		const { updateFields, options } = item.values;
		const key = JSON.stringify([updateFields.test, updateFields.real, options.workspace]);
		groups.set(key, groups.get(key) ?? []);
		groups.get(key)!.push(item);
	}
	return [...groups.values()];
}

/** @returns why images of the group were not marked, by their IDs */
async function mark(group: Item[]): Promise<Map<string, unknown>> {
	const { api, values } = group[0]!;
	const marks = values.updateFields;
	const ids = new Set(group.map((item) => item.values.trainingImage));
	return Object.keys(marks).length
		? await markImages(api, [...ids], marks)
		: new Map<string, unknown>();
}

function withMarks(
	image: IDataObject,
	{ test, real }: Item['values']['updateFields'],
): IDataObject {
	return {
		...image,
		...(test === undefined ? {} : { test_image: test }),
		...(real === undefined ? {} : { real }),
	};
}

function afterMetadata({ values }: Item, error: unknown): unknown {
	return error instanceof XimilarError && values.metadataChange !== 'keep'
		? error.after('The metadata was changed, but not the marks')
		: error;
}
