/** Rules: how tests decide what becomes of requests, by task or by a text in the instruction. */
import { z } from 'zod';
import type { State } from '../../state';
import { FINAL, type Plan, type VlmRequest } from './state';

const milliseconds = z.number().nonnegative();

export const ruleSchema = z
	.object({
		/** Requests that it is for: all conditions must hold. Left out: all requests. */
		match: z
			.object({
				task_id: z.string().optional(),
				/** A part of the instruction or system text, sent with the request or not. */
				text: z.string().optional(),
				/** A part of an image's address. */
				image: z.string().optional(),
			})
			.strict()
			.default({}),
		/** How many submissions it is for; the first rule that matches decides. */
		times: z.union([z.number().int().positive(), z.literal('always')]).default('always'),
		/** How it ends. */
		status: z.enum(FINAL).default('DONE'),
		/** How often it goes through RETRY before that. */
		retries: z.number().int().nonnegative().default(0),
		/** The response, or the error object; left out, the simulator makes one. */
		response: z.unknown(),
		processMs: milliseconds.optional(),
		visibleAfterMs: milliseconds.optional(),
		/** Its `completed_at` stays null wherever it is shown. */
		hidesCompletion: z.boolean().optional(),
	})
	.strict();

export type RuleInput = z.input<typeof ruleSchema>;

export type Rule = z.output<typeof ruleSchema> & {
	id: number;
	/** Submissions that it has decided. */
	used: number;
};

export function addRules(state: State, inputs: RuleInput[]): Rule[] {
	const { rules } = state.vlm;
	const first = Math.max(0, ...rules.map((rule) => rule.id)) + 1;
	const added = inputs.map((input, index) => ({
		...ruleSchema.parse(input),
		id: first + index,
		used: 0,
	}));
	rules.push(...added);
	return added;
}

/** What a rule is matched against. */
export interface Submission {
	task_id: string;
	/** Every text that was sent or that applies. */
	texts: string[];
	/** Addresses of the images. */
	images: string[];
}

function matches({ match, times, used }: Rule, submission: Submission): boolean {
	const contains = (all: string[], part: string | undefined) =>
		part === undefined || all.some((one) => one.includes(part));
	return (
		(times === 'always' || used < times) &&
		(match.task_id === undefined || match.task_id === submission.task_id) &&
		contains(submission.texts, match.text) &&
		contains(submission.images, match.image)
	);
}

/** A share from 0 to 1 that is always the same for an ID. */
function shareOf(id: string): number {
	return parseInt(id.slice(0, 8), 16) / 0xffffffff;
}

function usualProcessMs(state: State, id: string): number {
	const { vlmProcessMs } = state.settings;
	if (typeof vlmProcessMs === 'number') return vlmProcessMs;
	const [least, most] = vlmProcessMs;
	return least + (most - least) * shareOf(id);
}

/** Decides what becomes of a request. */
export function planFor(state: State, id: VlmRequest['id'], submission: Submission): Plan {
	const rule = state.vlm.rules.find((one) => matches(one, submission));
	if (rule) rule.used++;
	return {
		status: rule?.status ?? 'DONE',
		processMs: rule?.processMs ?? usualProcessMs(state, id),
		retries: rule?.retries ?? 0,
		response: rule?.response === undefined ? null : { value: rule.response },
		visibleAfterMs: rule?.visibleAfterMs ?? null,
		hidesCompletion: rule?.hidesCompletion ?? false,
	};
}
