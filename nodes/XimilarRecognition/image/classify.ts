import { at } from '../../shared/api/entities';
import { XimilarError } from '../../shared/api/error';
import {
	classifyRecordSchema,
	type ClassifyRecord,
	type LabelResult,
} from '../../shared/api/schemas';
import { analysis } from '../../shared/engine/analysis';
import { boolean, number, optional } from '../../shared/engine/field';
import { modelVersion } from '../../shared/engine/namedFields';
import { isUntrained, tasks } from '../entities';

export const classify = analysis({
	name: 'Classify',
	action: 'Classify image',
	description:
		'Recognize what an image shows with a trained task: the best label and its probability, then the next best',
	fields: { task: tasks.picker({}) },
	options: {
		descriptor: boolean({
			displayName: 'Add Descriptor',
			description:
				'Whether to add the visual descriptor of the image, a list of numbers for similarity search (experimental)',
		}),
		maximumLabels: number(
			{
				displayName: 'Maximum Labels',
				default: 10,
				description:
					'How many labels to return in the fields labels and probabilities, the most probable first. By default 3, or all that reach Minimum Probability if that is set.',
			},
			{ min: 0, integer: true },
		),
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
	simplify: (record, { options }, { version }) => {
		const best = probableLabels(record, options.minimumProbability);
		const shown = best.slice(0, options.maximumLabels ?? defaultLabels(options));
		return {
			label: best[0]?.name ?? null,
			probability: best[0]?.prob ?? null,
			label_id: best[0]?.id ?? null,
			labels: shown.map(({ name }) => name),
			probabilities: shown.map(({ prob }) => prob),
			version,
			width: record._width,
			height: record._height,
			...(options.descriptor ? { descriptor: record.descriptor ?? record._descriptor } : {}),
		};
	},
	raw: (record, { options: { minimumProbability, maximumLabels } }) => {
		if (minimumProbability === undefined && maximumLabels === undefined) return record;
		const best = probableLabels(record, minimumProbability);
		return { ...record, best_label: best[0] ?? null, labels: best.slice(0, maximumLabels) };
	},
	diagnose: async ({ api }, { task: id }) => {
		const task = await api.get(at(tasks, id), tasks.schema);
		return isUntrained(task)
			? new XimilarError(
					`The task "${String(task.name)}" is not trained yet`,
					'Start its training with the operation Train of the resource Task, or in the Ximilar App, and classify when it has ended. No credit was used.',
					{ concernsAll: true },
				)
			: undefined;
	},
});

/** A task may have hundreds of labels; who asks for those above a probability wants them all. */
function defaultLabels({ minimumProbability }: { minimumProbability?: number }): number {
	return minimumProbability === undefined ? 3 : Infinity;
}

/** The labels that reach the minimum, most probable first. */
function probableLabels({ labels }: ClassifyRecord, minimum = 0): LabelResult[] {
	return labels.filter(({ prob }) => prob >= minimum).sort((a, b) => b.prob - a.prob);
}
