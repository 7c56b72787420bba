/** What the simulator remembers of inference requests, as plain data. */
import type { Rule } from './rules';

/** "finished in a terminal state (DONE, FAILED, API_LIMIT_EXCEEDED, or NOT_SUPPORTED)" (seed 003). */
export const FINAL = ['DONE', 'FAILED', 'API_LIMIT_EXCEEDED', 'NOT_SUPPORTED'] as const;
export const STATUSES = ['CREATED', 'PROCESSING', 'RETRY', ...FINAL] as const;

export type FinalStatus = (typeof FINAL)[number];
export type Status = (typeof STATUSES)[number];

export type Part =
	{ type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } };

export interface Message {
	role: 'system' | 'user';
	content: string | Part[];
}

export interface Payload {
	messages: Message[];
}

export interface Webhook {
	url: string;
	headers?: Record<string, string>;
}

export interface Usage {
	prompt_tokens: number;
	completion_tokens: number;
	total_tokens: number;
	processing_time: number;
}

/** What becomes of a request, decided when it is submitted. */
export interface Plan {
	status: FinalStatus;
	processMs: number;
	/** Retries still to come. */
	retries: number;
	/** In place of the model's own; `{ value }`, so that null can be one. */
	response: { value: unknown } | null;
	/** In place of the setting. */
	visibleAfterMs: number | null;
	/** It shows no `completed_at`, though it is finished. */
	hidesCompletion: boolean;
}

/** What no answer shows. */
export interface Work {
	/** The name of the account that pays. */
	account: string;
	priority: number;
	/** Counts resubmissions, so that what was due for the run before is dropped. */
	run: number;
	/** The prompts that apply; null where there is none. */
	prompts: { system: string | null; user: string | null };
	plan: Plan;
	billed: boolean;
	/** Credits set aside for it. */
	reserved: number;
	/** From when on it shows as finished, in milliseconds since 1970. */
	visibleAt: number;
}

export interface VlmRequest {
	id: string;
	status: Status;
	task_id: string;
	version: number;
	request: Payload;
	response: unknown;
	usage: Usage | null;
	system_prompt_id: string | null;
	user_prompt_id: string | null;
	webhook: Webhook | null;
	retry_count: number;
	created: string;
	started_at: string | null;
	completed_at: string | null;
	workspace: string;
	work: Work;
}

/** Something that is to happen to a request. */
export interface VlmEvent {
	/** Milliseconds since 1970, in simulated time. */
	at: number;
	kind: 'ready' | 'finish' | 'bill' | 'webhook';
	request: string;
	/** The request's run that it is for. */
	run: number;
	/** Counts the deliveries of a webhook from 1. */
	attempt: number;
}

/** One delivery of a webhook. */
export interface Delivery {
	at: string;
	request: string;
	url: string;
	attempt: number;
	/** The answer's; null as long as there is none, or when it failed. */
	status: number | null;
	error: string | null;
}

export interface RequestState {
	/** By ID, in the order of creation. */
	requests: Record<string, VlmRequest>;
	/** IDs of requests that wait for a worker. */
	queue: string[];
	/** What is to happen, the earliest first. */
	events: VlmEvent[];
	/** How many are in PROCESSING. */
	busy: number;
	/** Credits that started requests will cost, by account. */
	reserved: Record<string, number>;
	rules: Rule[];
	deliveries: Delivery[];
	/** No request was completed before this; it spares most looks for what is to be forgotten. */
	earliestFinish: string;
	/** Orders the walk through a shuffled list that is under way. */
	listShuffle: string;
}

/** Sorts after every time. */
export const NEVER = 'never';

export function noRequests(): RequestState {
	return {
		requests: {},
		queue: [],
		events: [],
		busy: 0,
		reserved: {},
		rules: [],
		deliveries: [],
		earliestFinish: NEVER,
		listShuffle: '',
	};
}
