import { DATASET, LABEL, REQUEST, VLM_TASK, WORKSPACE } from '../../../nodes/shared/api/entities';
import { listOf, saysOnlyMissing, subjectOf } from '../../../nodes/shared/api/subject';

const HERE = 'in the default workspace';

test.each<[string, Record<string, unknown> | undefined, string | undefined]>([
	[`${LABEL.path}a/`, undefined, `the label a ${HERE}`],
	[`${LABEL.path}a%2Fb/wipe`, { workspace: 'w' }, 'the label a/b in the workspace w'],
	[`${VLM_TASK.path}a/train/`, { workspace: 7 }, `the task a ${HERE}`],
	[LABEL.path, {}, undefined],
	[`${REQUEST.path}history/`, {}, undefined],
	[`${REQUEST.path}update/`, {}, undefined],
	['recognition/v2/classify/', { task_id: 't' }, `the task t ${HERE}`],
	[
		`${VLM_TASK.path}a/add-dataset/`,
		{ dataset_id: 'd', name: 'x' },
		`the task a or the dataset d ${HERE}`,
	],
	['x/', { dataset: 'd' }, `the dataset d ${HERE}`],
	['x/', { dataset_variable: 'v', label_id: 'l' }, `the variable v or the label l ${HERE}`],
	['x/', { user_prompt_id: 'u', system_prompt_id: 's' }, `the prompt u or the prompt s ${HERE}`],
	['x/', { detection_object_ids: ['o'] }, `the detection object o ${HERE}`],
	['x/', { image_ids: ['a', 'b'] }, `one of the images a, b ${HERE}`],
	['x/', { images: [...'abcde'] }, `one of the training images a, b, c, d, e ${HERE}`],
	['x/', { images: [...'abcdef'] }, `one of the training images a, b, c, d, e, … ${HERE}`],
	['x/', { images: [], image_ids: 7, name: 'x' }, undefined],
])('a call of %s with %j is about %s', (path, parameters, subject) => {
	expect(subjectOf({ path, parameters })).toBe(subject);
});

test.each<[string, string | undefined]>([
	[WORKSPACE.path, `the list of workspaces ${HERE}`],
	[`${REQUEST.path}history/`, `the list of requests ${HERE}`],
	[`${REQUEST.path}update/`, `the list of requests ${HERE}`],
	[`${DATASET.path}a/`, undefined],
	['x/', undefined],
])('%s is %s', (path, list) => {
	expect(listOf({ path })).toBe(list);
});

test.each<[string, boolean]>([
	['The dataset variable v was not found', true],
	['dataset_variable: v does not exist in workspace w', true],
	['The v d was not found', false],
	['v is locked', false],
])('"%s" says only that the variable is missing: %s', (reason, isOnly) => {
	const parameters = { dataset_variable: 'v', workspace: 'w' };
	expect(saysOnlyMissing(reason, { path: 'x/', parameters })).toBe(isOnly);
});
