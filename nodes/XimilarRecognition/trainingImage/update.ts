import type { IDataObject } from 'n8n-workflow';
import {
	boolean,
	choice,
	collection,
	jsonObject,
	shownWhen,
	type Values,
} from '../../shared/engine/field';
import { ITEMS_AT_ONCE, jointOperation, type JointItem } from '../../shared/engine/operation';
import { mapLimit, withLock } from '../../shared/api/concurrency';
import { isObject } from '../../shared/engine/rows';
import { trainingImageId, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { XimilarError, fail } from '../../shared/api/error';
import { entitySchema } from '../../shared/api/schemas';
import { getImage, markImages } from '../../shared/api/trainingImages';
import { inWorkspace } from '../../shared/api/workspace';
import { imageRow } from './row';

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
	options: workspaceOption(),
};

type Item = JointItem<Values<typeof fields>>;

export const update = jointOperation({
	name: 'Update',
	action: 'Update training image',
	description: 'Change the metadata of a training image, and mark it as a test image or as real',
	fields,
	simplify: imageRow,
	run: async (items) => {
		const images = new Map<Item, IDataObject>();
		await mapLimit(items, ITEMS_AT_ONCE, async (item) => {
			// Items of the same image take turns: merging reads first what it writes then.
			await withLock(item.shared, item.values.trainingImage, async () => {
				try {
					item.throwIfEnded();
					images.set(item, await withNewMetadata(item));
				} catch (error) {
					item.failed(error);
				}
			});
		});
		for (const group of markedAlike(items.filter((item) => images.has(item)))) {
			const errors = await mark(group);
			for (const item of group) {
				const { trainingImage, updateFields: marks } = item.values;
				const refusal = errors.get(trainingImage);
				if (refusal) item.failed(afterMetadata(item, refusal));
				else item.done(withMarks(images.get(item)!, marks));
			}
		}
	},
});

/** The image with its new metadata, which PUT replaces as a whole (`api.md`). */
async function withNewMetadata({ api, values }: Item): Promise<IDataObject> {
	const { trainingImage: id, metadataChange, metadata, updateFields, options } = values;
	if (metadataChange === 'keep') {
		if (Object.keys(updateFields).length) return { id };
		fail('Nothing is to be changed', 'Set Metadata Change, or add a field to Update Fields.');
	}
	const here = inWorkspace(api, options.workspace);
	const present = metadataChange === 'merge' ? (await getImage(here, id)).meta_data : {};
	return await here.put(path`recognition/v2/training-image/${id}/`, entitySchema, {
		meta_data: { ...(isObject(present) ? present : {}), ...metadata },
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
		? await markImages(inWorkspace(api, values.options.workspace), [...ids], marks)
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

function afterMetadata({ values }: Item, refusal: unknown): unknown {
	return refusal instanceof XimilarError && values.metadataChange !== 'keep'
		? refusal.about('The metadata was changed, but not the marks')
		: refusal;
}
