/** What tests may change in the service's behaviour for good; a fault changes single calls. */
import { z } from 'zod';
import { retryAfterSchema } from './pressure';
import { DEFAULT_VLM_SETTINGS, vlmSettings } from './vlm/settings';

export const settingsSchema = z
	.object({
		/**
		 * Refuses what nobody but the tests of this package would mind: a parameter or field that no
		 * document names, a data URL for base64, a path without its last slash, a workspace in the URL
		 * of a call that writes. Also, the state at the start is made for these tests, and not as the
		 * seeds print it.
		 */
		strict: z.boolean(),
		/** A bad image fails its record alone, in a 200, or the whole request, with a 400. */
		refusal: z.enum(['record', 'request']),
		/** The form of that 400: `{detail}`, `{status, statistics}` or `{detail, code}`. */
		refusalBody: z.enum(['detail', 'status', 'code']),
		/** Which answers hand a record's `_base64` back. */
		echoBase64: z.enum(['none', 'recognition', 'all']),
		/** What is read off an image without text: a made-up phrase, nothing, or not even a result. */
		noText: z.enum(['phrase', 'empty', 'missing']),
		/** Results on a page of a list. */
		pageSize: z.number().int().positive(),
		/** Scheme and host that `next` and `previous` name; null for those of the call. */
		nextOrigin: z.string().url().nullable(),
		/**
		 * Where a missing Content-Type is refused: on every call, as seed 000 demands, or everywhere
		 * but on calls without a body that seeds 002 and 003 print without it.
		 */
		contentType: z.enum(['printed', 'always']),
		/** How many calls an account may have open at once; null for any number. */
		capacity: z.number().int().positive().nullable(),
		/** The Retry-After of the 429 that the next call gets; null for none. */
		capacityRetryAfter: retryAfterSchema.nullable(),
		/** Milliseconds that a call takes, from the end of its body on. */
		latencyMs: z.number().nonnegative(),
		/** Milliseconds that each analysed record adds to that. */
		recordMs: z.number().nonnegative(),
		/**
		 * False looks at no more of an image than its head and its hash, which costs hardly anything:
		 * colours and texts are then made up, and damage is not seen.
		 */
		decode: z.boolean(),
		/** How many calls the log holds; older ones are counted only. */
		logSize: z.number().int().nonnegative(),

		/** Milliseconds of simulated time that a training takes, of a recognition or a VLM task. */
		trainingMs: z.number().nonnegative(),
		/** The version that a task's first training makes. Seed 003 prints a task with version 0. */
		firstVersion: z.union([z.literal(0), z.literal(1)]),
		/** Trainings that end from now on fail. */
		trainingFails: z.boolean(),
		/** A task that cannot train is refused with the reason, or with a 400 that says nothing. */
		trainRefusal: z.enum(['reason', 'empty']),
		/**
		 * How an image that is already there is refused: `detail` as a text or a list of one, or that
		 * list as the whole body.
		 */
		duplicateAnswer: z.enum(['detail', 'detailList', 'list']),
		/** Images in a list with all fields, or without labels and meta data, which may be left out. */
		imageLists: z.enum(['full', 'short']),
		/**
		 * What those calls answer whose answer no document prints (add-label, remove-label, train,
		 * update): the object as it is now, or a 204 with nothing.
		 */
		unprintedAnswers: z.enum(['object', 'empty']),

		...vlmSettings,
	})
	.strict();

export type Settings = z.infer<typeof settingsSchema>;

const DEFAULT_SETTINGS: Settings = {
	strict: true,
	refusal: 'record',
	refusalBody: 'detail',
	echoBase64: 'recognition',
	noText: 'phrase',
	pageSize: 20,
	nextOrigin: null,
	contentType: 'printed',
	capacity: null,
	capacityRetryAfter: null,
	latencyMs: 0,
	recordMs: 0,
	decode: true,
	logSize: 5000,
	trainingMs: 10 * 60 * 1000,
	firstVersion: 1,
	trainingFails: false,
	trainRefusal: 'reason',
	duplicateAnswer: 'detail',
	imageLists: 'full',
	unprintedAnswers: 'object',
	...DEFAULT_VLM_SETTINGS,
};

/** All settings: these, and the usual ones for the others. */
export function settingsFrom(change: Partial<Settings>): Settings {
	return { ...DEFAULT_SETTINGS, ...settingsSchema.partial().parse(change) };
}
