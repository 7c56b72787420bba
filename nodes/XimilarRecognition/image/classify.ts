import { at } from '../../shared/api/entities';
import { XimilarError } from '../../shared/api/error';
import { classifyRecordSchema, type ClassifyRecord } from '../../shared/api/schemas';
import { analysis } from '../../shared/engine/analysis';
import { boolean, number, optional } from '../../shared/engine/field';
import { modelVersion } from '../../shared/engine/namedFields';
import { isUntrained, tasks } from '../entities';

export const classify = analysis({
	name: 'Classify',
	action: 'Classify image',
	description:
		'Recognize what an image shows with a trained task: the best label, its probability, and all labels',
	fields: { task: tasks.picker({}) },
	options: {
		descriptor: boolean({
			displayName: 'Add Descriptor',
			description:
				'Whether to add the visual descriptor of the image, a list of numbers for similarity search (experimental)',
		}),
		minimumProbability: number(
			{
				displayName: 'Minimum Probability',
				default: 0.5,
				typeOptions: { numberPrecision: 2 },
				description: 'Labels below this probability (0 to 1) are left out',
			},
			{ min: 0, max: 1 },
		),
		storeImages: boolean({
			displayName: 'Store Images',
			description: 'Whether Ximilar keeps the images, to review them in the Ximilar App later',
		}),
		version: optional(
			modelVersion('The version of the trained model to use, instead of the active one'),
		),
	},
	workspace: 'The workspace of the task, instead of the default one',
	path: 'recognition/v2/classify/',
	body: ({ task, options }) => ({
		task_id: task,
		...(options.version === undefined ? {} : { version: options.version }),
		...(options.descriptor ? { descriptor: 1 } : {}),
		...(options.storeImages ? { store_images: true } : {}),
	}),
	schema: classifyRecordSchema,
	simplify: (record, { options }) => {
		const { labels, best_label } = withProbableLabels(record, options.minimumProbability);
		return {
			label: best_label?.name ?? null,
			probability: best_label?.prob ?? null,
			label_id: best_label?.id ?? null,
			labels,
			width: record._width,
			height: record._height,
			...(options.descriptor ? { descriptor: record.descriptor ?? record._descriptor } : {}),
		};
	},
	raw: (record, { options }) =>
		options.minimumProbability === undefined
			? record
			: withProbableLabels(record, options.minimumProbability),
	diagnose: async ({ api }, { task: id }) => {
		const task = await api.get(at(tasks, id), tasks.schema);
		return isUntrained(task)
			? new XimilarError(
					`The task "${String(task.name)}" is not trained yet`,
					'Start its training with the operation Train of the resource Task, or in the Ximilar App, and classify when it has ended. No credit was used.',
				)
			: undefined;
	},
});

/** The record with the labels that reach the minimum, most probable first, and the best of them. */
function withProbableLabels(record: ClassifyRecord, minimum = 0) {
	const labels = record.labels
		.filter(({ prob }) => prob >= minimum)
		.sort((a, b) => b.prob - a.prob);
	return { ...record, best_label: labels[0] ?? null, labels };
}
