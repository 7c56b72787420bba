/** What tests may change in the VLM part's behaviour. All times are milliseconds of simulated time. */
import { z } from 'zod';

const milliseconds = z.number().nonnegative();

export const ORDERS = [
	'completed_desc',
	'completed_asc',
	'created_desc',
	'created_asc',
	'shuffled',
	'shuffled_once',
] as const;

export const vlmSettings = {
	/** PATCH vlm/v2/task/ID/, which no seed prints: taken, or refused with a 405. */
	vlmTaskUpdate: z.enum(['taken', 'refused']),
	/** What PATCH vlm/v2/sample/ID/ takes: what seed 003 prints, or all that a new sample has. */
	vlmSampleUpdate: z.enum(['printed', 'all']),
	/** In which sequence a sample's images and objects are listed; `order` says their place anyhow. */
	vlmSampleLists: z.enum(['ordered', 'reversed']),

	/** How many requests are processed at once. */
	vlmWorkers: z.number().int().positive(),
	/** How long a request stays CREATED even when a worker is free. */
	vlmQueueMs: milliseconds,
	/** How long a request is processed, or the bounds between which that lies by its ID. */
	vlmProcessMs: z.union([milliseconds, z.tuple([milliseconds, milliseconds])]),
	/** How long a request stays in RETRY. */
	vlmRetryMs: milliseconds,
	/** How long after DONE a request is billed. */
	vlmBillingMs: milliseconds,
	/** How long after its finish a request shows as finished in the list and in the history. */
	vlmVisibleAfterMs: milliseconds,
	/** How long a finished request is kept. */
	vlmRetentionMs: milliseconds,

	/** `shuffled`: anew for each walk through the pages; `shuffled_once`: in the same way for all. */
	vlmListOrder: z.enum(ORDERS),
	vlmHistoryOrder: z.enum(ORDERS),
	/** The form of responses: that of the task's prompts, or this one. */
	vlmResponse: z.enum(['task', 'json', 'json_text', 'text', 'yaml', 'xml', 'csv']),
	/** Images by address are downloaded; or made up from the address, for tests that name no real ones. */
	vlmFetchImages: z.boolean(),

	/** How often a webhook is repeated that was answered with 409 or 5xx, or not at all. */
	vlmWebhookRetries: z.number().int().nonnegative(),
	/** How long after a failure a webhook is repeated. */
	vlmWebhookRetryMs: milliseconds,
};

const DAY_MS = 24 * 60 * 60 * 1000;

export const DEFAULT_VLM_SETTINGS: z.infer<z.ZodObject<typeof vlmSettings>> = {
	vlmTaskUpdate: 'taken',
	vlmSampleUpdate: 'printed',
	vlmSampleLists: 'ordered',
	vlmWorkers: 8,
	vlmQueueMs: 50,
	vlmProcessMs: 200,
	vlmRetryMs: 500,
	vlmBillingMs: 1000,
	vlmVisibleAfterMs: 0,
	// "Completed requests are retained for a limited time (2 weeks by default)" (seed 003).
	vlmRetentionMs: 14 * DAY_MS,
	vlmListOrder: 'created_desc',
	vlmHistoryOrder: 'completed_desc',
	vlmResponse: 'task',
	vlmFetchImages: true,
	vlmWebhookRetries: 0,
	vlmWebhookRetryMs: 1000,
};
