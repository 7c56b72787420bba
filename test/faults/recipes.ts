import type { IDataObject } from 'n8n-workflow';
import { IDS } from '../simulator/state';
import { OBJECT_IDS, VLM_IDS } from '../simulator/vlm/ids';

/** Valid values for the fields of every operation, for three items that differ. */

/** Which of the three items. */
export type Variant = 0 | 1 | 2;
export const VARIANTS: Variant[] = [0, 1, 2];

/** What the world holds beside what the simulator begins with (`world.ts`). */
export const MADE = {
	images: idsLike('a0000000-0000-4000-8000-00000000000'),
	requests: idsLike('b0000000-0000-4000-8000-00000000000'),
	samples: idsLike('c0000000-0000-4000-8000-00000000000'),
	/** The number of a label that no image has. */
	label: 14,
	datasets: idsLike('d0000000-0000-4000-8000-00000000000'),
	vlmTasks: idsLike('e0000000-0000-4000-8000-00000000000'),
	/** Images that are not uploaded yet, and the addresses under which they are. */
	files: ['label-rgb.png', 'scan-grayscale.png', 'label-palette.png'],
};

function idsLike(begin: string): [string, string, string] {
	return [`${begin}0`, `${begin}1`, `${begin}2`];
}

type Recipe = (variant: Variant) => IDataObject;

const byId = (value: string | undefined): IDataObject => ({ __rl: true, mode: 'id', value });

export const labelId = (number: number) =>
	`9d4b5433-add9-46e2-be64-${String(number).padStart(12, '0')}`;
const label = (number: number) => byId(labelId(number));
const tasks = [IDS.coloursTask, IDS.tagsTask, IDS.untrainedTask];
const task: Recipe = (n) => ({ task: byId(tasks[n]) });
const labelOf: Recipe = (n) => ({ label: label(n + 1) });
const trainingImage: Recipe = (n) => ({ trainingImage: MADE.images[n] });
const named =
	(more: IDataObject = {}): Recipe =>
	(n) => ({
		name: ['first', 'second', 'third'][n]!,
		...more,
	});
const search =
	(...texts: [string, string, string]): Recipe =>
	(n) => ({ returnAll: true, filters: { search: texts[n] } });
const address = (n: Variant) => ({
	imageSource: 'url',
	imageUrls: `https://images.example.com/${n}.jpg`,
});
const file = (n: Variant) => ({ imageSource: 'base64', base64Images: `file ${MADE.files[n]!}` });
const alone = { options: { batchSize: 1 } };

const prompts = [VLM_IDS.userPrompt, VLM_IDS.systemPrompt, VLM_IDS.templatePrompt];
const prompt: Recipe = (n) => ({ prompt: byId(prompts[n]) });
const vlmTask: Recipe = (n) => ({ task: byId(MADE.vlmTasks[n]) });
const dataset: Recipe = (n) => ({ dataset: byId(MADE.datasets[n]) });
const requestId: Recipe = (n) => ({ requestId: MADE.requests[n] });
const sample =
	(more: IDataObject = {}): Recipe =>
	(n) => ({ dataset: byId(VLM_IDS.dataset), sample: byId(MADE.samples[n]), ...more });
const ofTask: Recipe = (n) => ({ returnAll: true, filters: { task: byId(MADE.vlmTasks[n]) } });
const ofDataset: Recipe = (n) => ({
	returnAll: true,
	filters: { dataset: byId(MADE.datasets[n]) },
});
const ofWorkspace: Recipe = (n) => ({
	returnAll: true,
	filters: { workspace: byId([IDS.defaultWorkspace, IDS.secondWorkspace][n % 2]) },
});
const both =
	(...recipes: Recipe[]): Recipe =>
	(n) =>
		Object.assign({}, ...recipes.map((one) => one(n))) as IDataObject;
const always =
	(parameters: IDataObject): Recipe =>
	() =>
		parameters;

/** By node, resource and operation. An operation that is missing here fails a test. */
export const RECIPES: Record<string, Recipe> = {
	'ximilarAccount account get': always({}),
	'ximilarAccount account getWorkspaces': always({}),

	'ximilarOcr image read': (n) => ({ ...file(n), ...alone }),
	'ximilarOcr image readGpt': (n) => ({ ...file(n), ...alone, prompt: 'What is it?' }),

	'ximilarRecognition image classify': (n) => ({
		...file(n),
		...alone,
		task: byId(IDS.coloursTask),
	}),

	'ximilarRecognition label create': named(),
	'ximilarRecognition label delete': labelOf,
	'ximilarRecognition label get': labelOf,
	'ximilarRecognition label getAll': search('Red', 'Green', 'Blue'),
	'ximilarRecognition label update': both(labelOf, always({ updateFields: { name: 'new' } })),

	'ximilarRecognition task addLabel': both(task, always({ label: label(10) })),
	'ximilarRecognition task create': named(),
	'ximilarRecognition task delete': task,
	'ximilarRecognition task get': task,
	'ximilarRecognition task getAll': search('colours', 'tags', 'dogs'),
	'ximilarRecognition task removeLabel': both(task, (n) => ({ label: label([1, 6, 10][n]!) })),
	'ximilarRecognition task train': task,
	'ximilarRecognition task update': both(task, always({ updateFields: { name: 'new' } })),

	'ximilarRecognition trainingImage addLabel': both(
		trainingImage,
		always({ label: label(MADE.label) }),
	),
	'ximilarRecognition trainingImage delete': trainingImage,
	'ximilarRecognition trainingImage get': trainingImage,
	'ximilarRecognition trainingImage getAll': (n) => ({
		returnAll: true,
		filters: { label: label(n + 1) },
	}),
	'ximilarRecognition trainingImage removeLabel': both(trainingImage, always({ label: label(1) })),
	'ximilarRecognition trainingImage update': both(
		trainingImage,
		always({ metadataChange: 'merge', metadata: '{"sku": "A-17"}', updateFields: { test: true } }),
	),
	'ximilarRecognition trainingImage upload': (n) => ({ ...file(n), label: label(1) }),

	'ximilarVlm dataset get': dataset,
	'ximilarVlm dataset getAll': ofWorkspace,

	'ximilarVlm prompt create': named({ content: 'Look at it' }),
	'ximilarVlm prompt delete': prompt,
	'ximilarVlm prompt get': prompt,
	'ximilarVlm prompt getAll': search('System', 'Analyze', 'Template'),
	'ximilarVlm prompt update': both(prompt, always({ updateFields: { name: 'new' } })),

	'ximilarVlm request delete': requestId,
	'ximilarVlm request get': requestId,
	'ximilarVlm request getAll': ofTask,
	'ximilarVlm request getHistory': ofTask,
	'ximilarVlm request getStatus': requestId,
	'ximilarVlm request resubmit': requestId,
	'ximilarVlm request submit': (n) => ({ ...address(n), task: byId(VLM_IDS.task) }),
	'ximilarVlm request wait': (n) => ({ requestIds: MADE.requests[n] }),

	'ximilarVlm sample addImages': both(sample(), (n) => ({ trainingImages: MADE.images[n] })),
	'ximilarVlm sample addInputMetadata': sample({ inputMetadata: '{"style": "plain"}' }),
	'ximilarVlm sample addObjects': both(sample(), (n) => ({ detectionObjects: OBJECT_IDS[n] })),
	'ximilarVlm sample create': (n) => ({
		...file(n),
		name: ['first', 'second', 'third'][n]!,
		dataset: byId(VLM_IDS.dataset),
		valueSource: 'json',
		valuesJson: '{"grade": 8.5}',
	}),
	'ximilarVlm sample get': sample(),
	'ximilarVlm sample getAll': ofDataset,
	'ximilarVlm sample getImages': sample(),
	'ximilarVlm sample getObjects': sample(),
	'ximilarVlm sample removeObjects': sample({ detectionObjects: OBJECT_IDS[11] }),
	'ximilarVlm sample setTest': sample({ test: true }),
	'ximilarVlm sample setType': sample({ sampleType: 'single' }),
	'ximilarVlm sample setVariableValues': sample({
		valueSource: 'json',
		valuesJson: '{"grade": 8.5}',
	}),

	'ximilarVlm task addDataset': both(vlmTask, dataset),
	'ximilarVlm task get': vlmTask,
	'ximilarVlm task getAll': search('Task 0', 'Task 1', 'Task 2'),
	'ximilarVlm task removeDataset': both(vlmTask, always({ dataset: byId(VLM_IDS.dataset) })),
	'ximilarVlm task train': vlmTask,
	'ximilarVlm task update': both(
		vlmTask,
		always({ systemPromptChange: 'assigned', systemPrompt: byId(VLM_IDS.systemPrompt) }),
	),

	'ximilarVlm variable create': both(named({ variableType: 'string' }), dataset),
	'ximilarVlm variable get': (n) => ({
		variable: byId([VLM_IDS.explain, VLM_IDS.grade, VLM_IDS.title][n]),
	}),
	'ximilarVlm variable getAll': ofDataset,
};
