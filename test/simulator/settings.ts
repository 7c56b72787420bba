/** What tests may change in the service's behaviour for good; a fault changes single calls. */
import { z } from 'zod';
import { DEFAULT_VLM_SETTINGS, vlmSettings } from './vlm/settings';

export const settingsSchema = z
	.object({
		/** A bad image fails its record alone, in a 200, or the whole request, with a 400. */
		refusal: z.enum(['record', 'request']),
		/** Which answers hand a record's `_base64` back. */
		echoBase64: z.enum(['none', 'recognition', 'all']),
		/** Results on a page of a list. */
		pageSize: z.number().int().positive(),
		/** Scheme and host that `next` and `previous` name; null for those of the call. */
		nextOrigin: z.string().url().nullable(),
		/**
		 * Where a missing Content-Type is refused: on every call, as seed 000 demands, or everywhere
		 * but on calls without a body that seeds 002 and 003 print without it.
		 */
		contentType: z.enum(['printed', 'always']),
		/** Milliseconds that an analysed record takes. */
		recordMs: z.number().nonnegative(),
		/** How many calls the log holds; older ones are counted only. */
		logSize: z.number().int().nonnegative(),

		/** Milliseconds of simulated time that a training takes, of a recognition or a VLM task. */
		trainingMs: z.number().nonnegative(),
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

export const DEFAULT_SETTINGS: Settings = {
	refusal: 'record',
	echoBase64: 'recognition',
	pageSize: 20,
	nextOrigin: null,
	contentType: 'printed',
	recordMs: 0,
	logSize: 5000,
	trainingMs: 10 * 60 * 1000,
	trainingFails: false,
	trainRefusal: 'reason',
	duplicateAnswer: 'detail',
	imageLists: 'full',
	unprintedAnswers: 'object',
	...DEFAULT_VLM_SETTINGS,
};
