/** Control of the VLM part for tests: the same from inside the process and over HTTP (`admin.ts`). */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { now, stamp } from '../clock';
import { refuse } from '../errors';
import { IDS, type State } from '../state';
import { VLM_IDS } from './ids';
import { isFinal, noteFinish } from './request/finish';
import { presentRequest } from './request/present';
import { addRules, type Rule, type RuleInput } from './request/rules';
import { type Delivery, FINAL, type VlmRequest } from './request/state';
import { newWork } from './request/submit';
import type { Workers } from './request/workers';
import { makeDataset, makeTask } from './seed';
import { type Dataset, FORMATS, type VlmTask } from './state';

const uuid = z.string().uuid();

/** Milliseconds since 1970, or a time as answers show it, with up to six digits of a second. */
const time = z.union([
	z.number(),
	z
		.string()
		.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/)
		.refine((text) => !Number.isNaN(Date.parse(text))),
]);

/** A finished request, as if it had been submitted and processed. */
export const finishedSchema = z
	.object({
		/** One that exists already has then finished again, as after a resubmission. */
		id: uuid.optional(),
		task_id: uuid.default(VLM_IDS.task),
		status: z.enum(FINAL).default('DONE'),
		/** Left out: now. Null: now as well, but it is not shown anywhere. */
		completed_at: time.nullable().optional(),
		/** Left out: as it was, or five seconds before it was completed. */
		created: time.optional(),
		/** Left out: three seconds before it was completed. */
		started_at: time.optional(),
		/** Left out: an object, or an error object. */
		response: z.unknown(),
		retry_count: z.number().int().nonnegative().default(0),
		/** From when on list and history show it as finished; left out: at once. */
		visible_at: time.optional(),
		billed: z.boolean().default(true),
	})
	.strict();

export const taskSchema = z
	.object({
		id: uuid.optional(),
		name: z.string(),
		workspace: uuid.default(IDS.defaultWorkspace),
		/** The last trained version, which is deployed; -1 for a task that was never trained. */
		version: z.number().int().min(-1).default(1),
		datasets: z.array(uuid).default([]),
		auto_deploy: z.boolean().default(true),
	})
	.strict();

export const datasetSchema = z
	.object({
		id: uuid.optional(),
		name: z.string(),
		workspace: uuid.default(IDS.defaultWorkspace),
		format: z.enum(FORMATS).nullable().default(null),
		default_input_meta_data: z.record(z.unknown()).default({}),
	})
	.strict();

export type FinishedInput = z.input<typeof finishedSchema>;

/** A sample with what no call of the API shows together: images, objects and values. */
export interface SampleReport {
	id: string;
	dataset: string;
	name: string | null;
	test: boolean;
	type: string;
	input_meta_data: Record<string, unknown>;
	meta_data: Record<string, unknown>;
	/** Training images, in order. */
	images: string[];
	/** Detection objects, in order. */
	objects: string[];
	/** By the variable's name. */
	values: Record<string, unknown>;
}

export interface VlmControl {
	/** Queues rules, which decide what becomes of requests; see `ruleSchema` for what there is. */
	addRules: (...rules: RuleInput[]) => Rule[];
	clearRules: () => void;
	/** Adds finished requests; no worker, bill or webhook has to do with them. */
	addRequests: (...requests: FinishedInput[]) => Array<ReturnType<typeof presentRequest>>;
	/** A request with what no answer shows: its prompts, plan and bill. */
	request: (id: string) => VlmRequest;
	addTask: (task: z.input<typeof taskSchema>) => VlmTask;
	addDataset: (dataset: z.input<typeof datasetSchema>) => Dataset;
	/** All samples, or those of a dataset. */
	samples: (dataset?: string) => SampleReport[];
	/** Every delivery of a webhook, the oldest first. */
	deliveries: () => Delivery[];
	/** Resolves when everything that is due has happened, and webhooks have been answered. */
	settle: () => Promise<void>;
}

/** A time as answers show it, always with six digits, so that texts sort like times. */
function stampOf(at: z.infer<typeof time>): string {
	if (typeof at === 'number') return stamp(at);
	const [seconds, fraction = ''] = at.slice(0, -1).split('.');
	return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}

function finishedRequest(state: State, input: FinishedInput): VlmRequest {
	const wanted = finishedSchema.parse(input);
	const task =
		state.vlm.tasks.find(({ id }) => id === wanted.task_id) ??
		refuse(404, { detail: `There is no task ${wanted.task_id}.` });
	const completed_at = stampOf(wanted.completed_at ?? now(state.clock));
	const completedMs = Date.parse(completed_at);
	const { status, response } = wanted;
	const made = status === 'DONE' ? { grade: 5, colour: 'Grey' } : { error: `${status} on demand.` };
	const id = wanted.id ?? randomUUID();
	const work = newWork('business', 0);
	const before = state.vlm.requests[id];
	if (before && !isFinal(before.status)) refuse(400, { detail: `Request ${id} is at work.` });
	return {
		id,
		status,
		task_id: task.id,
		version: Math.max(0, task.last_version),
		request: {
			messages: [
				{
					role: 'user',
					content: [{ type: 'image_url', image_url: { url: 'https://example.com/image.jpg' } }],
				},
			],
		},
		response: response === undefined ? made : response,
		usage:
			status === 'DONE'
				? { prompt_tokens: 27, completion_tokens: 92, total_tokens: 359, processing_time: 3 }
				: null,
		system_prompt_id: null,
		user_prompt_id: null,
		webhook: null,
		retry_count: wanted.retry_count,
		created: stampOf(wanted.created ?? before?.created ?? completedMs - 5000),
		started_at: stampOf(wanted.started_at ?? completedMs - 3000),
		completed_at,
		workspace: task.workspace,
		work: {
			...work,
			plan: { ...work.plan, hidesCompletion: wanted.completed_at === null },
			run: (before?.work.run ?? 0) + 1,
			billed: wanted.billed,
			visibleAt: Date.parse(stampOf(wanted.visible_at ?? 0)),
		},
	};
}

function sampleReports(state: State, dataset?: string): SampleReport[] {
	const nameOf = (variable: string) => state.vlm.variables.find(({ id }) => id === variable)!.name;
	return state.vlm.samples
		.filter((sample) => dataset === undefined || sample.dataset === dataset)
		.map(({ id, name, test, type, input_meta_data, meta_data, ...sample }) => ({
			id,
			dataset: sample.dataset,
			name,
			test,
			type,
			input_meta_data,
			meta_data,
			images: sample.images.map(({ target }) => target),
			objects: sample.objects.map(({ target }) => target),
			values: Object.fromEntries(
				Object.entries(sample.values).map(([variable, value]) => [nameOf(variable), value]),
			),
		}));
}

export function createVlmControl(state: State, workers: Workers): VlmControl {
	return {
		addRules: (...rules) => addRules(state, rules),
		clearRules: () => {
			state.vlm.rules = [];
		},
		addRequests: (...inputs) =>
			inputs.map((input) => {
				const request = finishedRequest(state, input);
				state.vlm.requests[request.id] = request;
				noteFinish(state, request.completed_at!);
				return presentRequest(request);
			}),
		request: (id) =>
			state.vlm.requests[id] ?? refuse(404, { detail: `There is no request ${id}.` }),
		addTask: (input) => {
			const { id = randomUUID(), version, ...rest } = taskSchema.parse(input);
			const task = makeTask(version, { id, ...rest });
			state.vlm.tasks.push(task);
			return task;
		},
		addDataset: (input) => {
			const { id = randomUUID(), ...rest } = datasetSchema.parse(input);
			const dataset = makeDataset({ id, ...rest });
			state.vlm.datasets.push(dataset);
			return dataset;
		},
		samples: (dataset) => sampleReports(state, dataset),
		deliveries: () => state.vlm.deliveries,
		settle: workers.delivered,
	};
}
