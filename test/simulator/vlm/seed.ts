/** What the VLM part holds from the start: the seed's examples, and what shows more than they do. */
import { OBJECT_IDS, VLM_IDS } from './ids';
import { noRequests } from './request/state';
import type {
	Dataset,
	DetectionObject,
	Prompt,
	Sample,
	Variable,
	VlmState,
	VlmTask,
} from './state';

interface Workspaces {
	defaultWorkspace: string;
	secondWorkspace: string;
}

const CREATED = '2025-12-17T10:30:00.000000Z';

function prompts(workspace: string): Prompt[] {
	return [
		{
			id: VLM_IDS.systemPrompt,
			name: 'Product Analysis System Prompt',
			description: 'System prompt for product image analysis',
			content:
				'You are a helpful assistant that analyzes product images and provides structured data about them.',
			type: 'system',
			format: null,
			workspace,
		},
		{
			id: VLM_IDS.userPrompt,
			name: 'Analyze Image Instruction',
			description: 'User instruction for analyzing images',
			content: 'Analyse the image[s] of this {{category}} in the style {{style}}.',
			type: 'user',
			format: null,
			workspace,
		},
		{
			id: VLM_IDS.templatePrompt,
			name: 'Grade And Explain Template',
			description: null,
			content: '{"grade": {{grade}}, "explain": "{{explain}}"}',
			type: 'template',
			format: 'json',
			workspace,
		},
	];
}

type TaskRest = Pick<VlmTask, 'id' | 'name' | 'workspace'> & Partial<VlmTask>;

/** A task trained up to this version; -1 for one that never was. */
export function makeTask(version: number, rest: TaskRest): VlmTask {
	const { id, name, ...others } = rest;
	return {
		id,
		name,
		created: '2025-12-17T14:59:34.529951Z',
		description: null,
		auto_deploy: true,
		production_version: version,
		last_version: version,
		max_tokens: 1000,
		datasets: [],
		training_params: {},
		training_time: version === -1 ? 0 : 180,
		system_prompt_id: null,
		user_prompt_id: null,
		trainings: [],
		...others,
	};
}

function tasks(
	{ defaultWorkspace: workspace, secondWorkspace }: Workspaces,
	version: number,
): VlmTask[] {
	return [
		makeTask(version, {
			id: VLM_IDS.task,
			name: 'My Custom Task',
			description: 'Custom VLM task for structured image analysis',
			datasets: [VLM_IDS.dataset],
			system_prompt_id: VLM_IDS.systemPrompt,
			user_prompt_id: VLM_IDS.userPrompt,
			workspace,
		}),
		makeTask(1, { id: VLM_IDS.captionTask, name: 'Captions', workspace }),
		makeTask(-1, {
			id: VLM_IDS.untrainedTask,
			name: 'Inspection',
			datasets: [VLM_IDS.inspectionDataset],
			workspace,
		}),
		makeTask(1, {
			id: VLM_IDS.warehouseTask,
			name: 'Warehouse check',
			datasets: [VLM_IDS.warehouseDataset],
			workspace: secondWorkspace,
		}),
	];
}

type DatasetRest = Pick<Dataset, 'id' | 'name' | 'workspace'> & Partial<Dataset>;

export function makeDataset(rest: DatasetRest): Dataset {
	const { id, name, ...others } = rest;
	return {
		id,
		name,
		description: null,
		version: '2025-12-21',
		created_date: CREATED,
		format: null,
		default_input_meta_data: {},
		meta_data: {},
		system_prompt_id: null,
		user_prompt_id: null,
		result_template_id: null,
		...others,
	};
}

function datasets({ defaultWorkspace: workspace, secondWorkspace }: Workspaces): Dataset[] {
	return [
		makeDataset({
			id: VLM_IDS.dataset,
			name: 'My Training Dataset',
			description: 'Training samples for the task',
			default_input_meta_data: { category: 'jacket' },
			system_prompt_id: VLM_IDS.systemPrompt,
			user_prompt_id: VLM_IDS.userPrompt,
			result_template_id: VLM_IDS.templatePrompt,
			workspace,
		}),
		makeDataset({
			id: VLM_IDS.inspectionDataset,
			name: 'Inspection Dataset',
			format: 'yaml',
			workspace,
		}),
		makeDataset({
			id: VLM_IDS.warehouseDataset,
			name: 'Warehouse Dataset',
			workspace: secondWorkspace,
		}),
	];
}

type VariableRest = Pick<Variable, 'id' | 'name' | 'type'> & Partial<Variable>;

function variables(workspace: string): Variable[] {
	const variable = (dataset: string, rest: VariableRest): Variable => {
		const { id, name, type, ...constraints } = rest;
		return { id, dataset, name, type, required: false, ...constraints, workspace };
	};
	const inspection = variable.bind(null, VLM_IDS.inspectionDataset);
	return [
		variable(VLM_IDS.dataset, {
			id: VLM_IDS.grade,
			name: 'grade',
			type: 'float',
			required: true,
			min_value: 0,
			max_value: 10,
			step_size: 0.5,
		}),
		variable(VLM_IDS.dataset, { id: VLM_IDS.explain, name: 'explain', type: 'string' }),
		inspection({
			id: VLM_IDS.title,
			name: 'title',
			type: 'string',
			required: true,
			min_length: 3,
			max_length: 80,
		}),
		inspection({
			id: VLM_IDS.condition,
			name: 'condition',
			type: 'string',
			description: 'Condition of the item',
			choices: 'mint,near_mint,excellent,good,poor',
			default_value: 'good',
		}),
		inspection({
			id: VLM_IDS.pieces,
			name: 'pieces',
			type: 'integer',
			required: true,
			min_value: 1,
			max_value: 100,
			default_value: 1,
		}),
		inspection({ id: VLM_IDS.price, name: 'price', type: 'float', min_value: 0 }),
		inspection({ id: VLM_IDS.damaged, name: 'damaged', type: 'boolean', default_value: false }),
		inspection({
			id: VLM_IDS.tags,
			name: 'tags',
			type: 'array',
			min_length: 1,
			max_length: 3,
		}),
		inspection({ id: VLM_IDS.size, name: 'size', type: 'object' }),
	];
}

function samples(workspace: string): Sample[] {
	return [
		{
			id: VLM_IDS.sample,
			dataset: VLM_IDS.dataset,
			test: false,
			name: 'Sample 1',
			description: null,
			type: 'multi_random',
			created_date: '2025-12-18T09:15:00.000000Z',
			input_meta_data: { style: 'elegant', category: 'jacket' },
			meta_data: {},
			images: [],
			objects: [],
			values: { [VLM_IDS.grade]: 8.5, [VLM_IDS.explain]: 'A clean cut.' },
			workspace,
		},
	];
}

function objects(workspace: string): DetectionObject[] {
	return OBJECT_IDS.map((id, index) => ({
		id,
		image_id: 'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
		file: 'box-progressive.jpg',
		label_name: index % 2 === 0 ? 'car' : 'wheel',
		label_color: index % 2 === 0 ? '#FF0000' : '#0000FF',
		bbox: [100 + index, 150, 400 + index, 350],
		workspace,
	}));
}

/** The VLM part at the start, with this version of its first task. */
export function seedVlm(workspaces: Workspaces, version: number): VlmState {
	const { defaultWorkspace } = workspaces;
	return {
		prompts: prompts(defaultWorkspace),
		tasks: tasks(workspaces, version),
		datasets: datasets(workspaces),
		variables: variables(defaultWorkspace),
		samples: samples(defaultWorkspace),
		objects: objects(defaultWorkspace),
		...noRequests(),
	};
}
