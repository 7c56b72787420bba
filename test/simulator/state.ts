/** Everything the simulator remembers, as plain data. */
import type { Clock } from './clock';
import type { Fault } from './faults';
import type { LoggedRequest } from './log';
import { newReport, type Report } from './pressure';
import type { Settings } from './settings';
import { seedVlm } from './vlm/seed';
import type { VlmState } from './vlm/state';

export interface Account {
	/** How tests call it. */
	name: string;
	token: string;
	id: string;
	email: string;
	organization: string;
	plan: 'free' | 'business' | 'professional';
	creditsLimit: number;
	creditsUsed: number;
	/** Access to the VLM platform, which is in beta (seed 003). */
	vlm: boolean;
	/** The first is the default. */
	workspaces: string[];
}

export interface Workspace {
	id: string;
	name: string;
}

export interface Label {
	id: string;
	name: string;
	type: 'category' | 'tag';
	description: string;
	output_name: string | null;
	created: string;
	workspace: string;
}

export interface Task {
	id: string;
	name: string;
	description: string;
	type: 'multi_class' | 'multi_label' | 'regression';
	labels: string[];
	/** -1 until the first training has finished (seed 002). */
	production_version: number;
	last_version: number;
	last_train_status: string;
	created: string;
	workspace: string;
}

/** A training of a recognition task, and, once it has succeeded, the model that came of it. */
export interface Training {
	id: string;
	task: string;
	/** Those that the task had at the start: what the model knows. */
	labels: string[];
	created: string;
	/** Milliseconds since 1970, in simulated time. */
	ends: number;
	status: 'IN_TRAINING' | 'TRAINED' | 'ERROR';
	/** The model's; null without a model. */
	version: number | null;
}

export interface TrainingImage {
	id: string;
	/** Of the file as it was sent. */
	sha256: string;
	/** Names of the image and its thumbnail among `files`. */
	file: string;
	thumbnail: string;
	img_width: number;
	img_height: number;
	/** With the value that a regression learns from, where one was given. */
	labels: Array<{ id: string; value: number | null }>;
	meta_data: Record<string, unknown>;
	test_image: boolean;
	real: boolean;
	/** How many people have verified it, which they do through another API. */
	verified: number;
	created: string;
	workspace: string;
}

export interface StoredFile {
	type: string;
	data: Buffer;
}

/** One charge: what an account paid for one request. */
export interface Charge {
	at: string;
	account: string;
	path: string;
	records: number;
	credits: number;
}

export interface State {
	settings: Settings;
	clock: Clock;
	accounts: Account[];
	workspaces: Workspace[];
	labels: Label[];
	tasks: Task[];
	trainings: Training[];
	trainingImages: TrainingImage[];
	/** Uploaded images and their thumbnails by name; `/admin/state` leaves them out. */
	files: Map<string, StoredFile>;
	vlm: VlmState;
	charges: Charge[];
	report: Report;
	/** How many images the report tells apart. */
	imagesSeen: number;
	faults: Fault[];
	/** The last calls but those to /admin/, the oldest first; the setting `logSize` says how many. */
	requests: LoggedRequest[];
	/** How many there were. */
	calls: number;
	/** How many of them are no longer in `requests`, by method and route. */
	dropped: Record<string, number>;
	/** Those in progress; `/admin/state` leaves them out. */
	open: Set<LoggedRequest>;
	/** The most calls that were in progress at once, by method and route. */
	peaks: Record<string, number>;
}

/** Tokens, one an account. */
export const TOKENS = {
	/** Business plan, plenty of credits, VLM. */
	business: 'b0519e55b0519e55b0519e55b0519e55b0519e55',
	/** Free plan: no GPT, no VLM. */
	free: 'f4ee0000f4ee0000f4ee0000f4ee0000f4ee0000',
	/** Business plan with five credits left. */
	exhausted: 'e0405001e0405001e0405001e0405001e0405001',
	/** Business plan of somebody else, who has a workspace with nothing in it. */
	empty: '0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e',
} as const;

/** IDs of what is there from the start. */
export const IDS = {
	/** Shared by business, free and exhausted, like colleagues of one company. */
	defaultWorkspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
	secondWorkspace: '58421549-21ea-4d43-94a6-6a1cb38160e3',
	emptyWorkspace: '0d4c8a52-7f0b-4a2e-9b55-3c1f6d0a9e11',
	/** multi_class, version 3: Red, Green, Blue, Yellow, Grey. */
	coloursTask: '185f2019-1182-439c-900b-9f29c3f35926',
	/** multi_label, version 1: box, bottle, paper, outdoor. */
	tagsTask: '6c1de0a7-52a4-4b64-8c3b-0f5b5c9e7d21',
	/** multi_class: cat, dog; never trained in a strict simulator, version 9 otherwise. */
	untrainedTask: '0a8c8186-aee8-47c8-9eaf-348103fa214d',
	/** multi_class, version 9, in the second workspace: pallet, shelf. */
	warehouseTask: '3f9f6d80-3c40-4f4b-a4c8-7b0d1f0f6e52',
} as const;

const TEAM = [IDS.defaultWorkspace, IDS.secondWorkspace];

/** A label ID that can be told from others at a glance. */
function labelId(number: number): string {
	return `9d4b5433-add9-46e2-be64-${String(number).padStart(12, '0')}`;
}

function trainingId(number: number): string {
	return `7ac1d9e2-0b55-4c3f-8f10-${String(number).padStart(12, '0')}`;
}

/** When everything was made that is there from the start. */
const LONG_AGO = '2025-12-17T14:59:34.529951Z';

export function seedState(settings: Settings): State {
	const labels: Label[] = [];
	const trainings: Training[] = [];
	const addLabels = (workspace: string, type: Label['type'], names: string[]): string[] =>
		names.map((name) => {
			const id = labelId(labels.length + 1);
			const rest = { description: '', output_name: null, created: LONG_AGO };
			labels.push({ id, name, type, ...rest, workspace });
			return id;
		});
	const addTrainings = (task: string, taskLabels: string[], versions: number): void => {
		for (let version = 1; version <= versions; version++) {
			const id = trainingId(trainings.length + 1);
			const rest = { created: LONG_AGO, ends: Date.parse(LONG_AGO), status: 'TRAINED' as const };
			trainings.push({ id, task, labels: [...taskLabels], ...rest, version });
		}
	};
	const task = (
		id: string,
		name: string,
		type: Task['type'],
		version: number,
		labelNames: string[],
		workspace: string,
	): Task => {
		const labelType = type === 'multi_label' ? 'tag' : 'category';
		const taskLabels = addLabels(workspace, labelType, labelNames);
		addTrainings(id, taskLabels, version);
		return {
			id,
			name,
			description: '',
			type,
			labels: taskLabels,
			production_version: version,
			last_version: version,
			last_train_status: version === -1 ? 'CREATED' : 'TRAINED',
			created: LONG_AGO,
			workspace,
		};
	};
	const account = (
		name: keyof typeof TOKENS,
		number: number,
		rest: Pick<Account, 'plan' | 'creditsLimit' | 'creditsUsed' | 'vlm' | 'workspaces'>,
	): Account => ({
		name,
		token: TOKENS[name],
		id: `21073c04-5308-47fe-a403-${String(number).padStart(12, '0')}`,
		email: `${name}@example.com`,
		organization: name === 'empty' ? 'Newcomer' : 'Company',
		...rest,
	});
	return {
		settings,
		clock: { ahead: 0, stopped: null },
		accounts: [
			account('business', 1, {
				plan: 'business',
				creditsLimit: 1_000_000,
				creditsUsed: 0,
				vlm: true,
				workspaces: [...TEAM],
			}),
			account('free', 2, {
				plan: 'free',
				creditsLimit: 3000,
				creditsUsed: 0,
				vlm: false,
				workspaces: [...TEAM],
			}),
			account('exhausted', 3, {
				plan: 'business',
				creditsLimit: 1000,
				creditsUsed: 995,
				vlm: true,
				workspaces: [...TEAM],
			}),
			account('empty', 4, {
				plan: 'business',
				creditsLimit: 1000,
				creditsUsed: 0,
				vlm: true,
				workspaces: [IDS.emptyWorkspace],
			}),
		],
		workspaces: [
			{ id: IDS.defaultWorkspace, name: 'Default workspace' },
			{ id: IDS.secondWorkspace, name: 'Second workspace' },
			{ id: IDS.emptyWorkspace, name: 'Empty workspace' },
		],
		tasks: [
			task(
				IDS.coloursTask,
				'Product colours',
				'multi_class',
				3,
				['Red', 'Green', 'Blue', 'Yellow', 'Grey'],
				IDS.defaultWorkspace,
			),
			task(
				IDS.tagsTask,
				'Product tags',
				'multi_label',
				1,
				['box', 'bottle', 'paper', 'outdoor'],
				IDS.defaultWorkspace,
			),
			task(
				IDS.untrainedTask,
				'Cats and dogs',
				'multi_class',
				// Seed 002 classifies with this task, and its answer is of version 9.
				settings.strict ? -1 : 9,
				['cat', 'dog'],
				IDS.defaultWorkspace,
			),
			task(
				IDS.warehouseTask,
				'Warehouse photos',
				'multi_class',
				9,
				['pallet', 'shelf'],
				IDS.secondWorkspace,
			),
		],
		labels,
		trainings,
		trainingImages: [],
		files: new Map(),
		// Seed 003 prints version 0 of its task.
		vlm: seedVlm(IDS, settings.strict ? 2 : 0),
		charges: [],
		report: newReport(),
		imagesSeen: 0,
		faults: [],
		requests: [],
		calls: 0,
		dropped: {},
		open: new Set(),
		peaks: {},
	};
}
