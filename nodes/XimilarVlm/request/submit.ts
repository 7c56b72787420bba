import type { IDataObject } from 'n8n-workflow';
import { mapLimit } from '../../shared/api/concurrency';
import { callOptions } from '../../shared/engine/callOptions';
import { ITEMS_AT_ONCE, type Item as ItemOf } from '../../shared/engine/execution';
import {
	boolean,
	jsonList,
	number,
	optional,
	shownWhen,
	text,
	time,
} from '../../shared/engine/field';
import {
	imageFields,
	imageSource,
	MIXED_IMAGES,
	mixedImages,
} from '../../shared/engine/imageFields';
import type { ImageValues } from '../../shared/engine/imageInput';
import { modelVersion } from '../../shared/engine/namedFields';
import { jointOperation, type DeclaredValues } from '../../shared/engine/operation';
import { systemPromptPicker, userPromptPicker, vlmTasks } from '../entities';
import { isFinal, requestRow } from './answer';
import { waitOptions } from './fields';
import { endExisting } from './findExisting';
import { checkedMessages, checkImages, describePart, imagesIn, messagesOf } from './messages';
import { submitEach, type Submission } from './submitEach';
import { waitForAll, type WaitingItem } from './waiting';
import { webhookFields, webhookOf, withoutWebhookSecrets } from './webhook';

/** Seed 003, "Prompt Resolution". */
const PRECEDENCE =
	'A saved prompt takes precedence over text entered here, and text over the prompt of the task.';

const IMAGES_OF_ITEM = { imageSource: ['base64', 'binary', 'mixed', 'url'] };

const WAITING = { '/waitForCompletion': [true] };

const savedPrompt = (place: string) => `A saved prompt to use in place of ${place}. ${PRECEDENCE}`;

const fields = {
	task: vlmTasks.picker({ description: 'The trained task that answers' }),
	...imageFields(),
	imageSource: imageSource([
		MIXED_IMAGES,
		{
			name: 'Messages (JSON)',
			value: 'messages',
			description: "The whole conversation in OpenAI's chat format, texts and images",
		},
	]),
	images: mixedImages(),
	messages: shownWhen(
		{ imageSource: ['messages'] },
		jsonList({
			displayName: 'Messages',
			required: true,
			placeholder:
				'e.g. [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://…"}}]}]',
			description: 'The messages as a JSON list, with 1 to 10 images as addresses or data URLs',
		}),
	),
	instruction: shownWhen(
		IMAGES_OF_ITEM,
		text({
			displayName: 'Instruction',
			typeOptions: { rows: 4 },
			placeholder: 'e.g. Describe this product and estimate its price',
			hint: 'Leave it blank to use the user prompt of the task',
			description: `What the model should do with the images. ${PRECEDENCE}`,
		}),
	),
	waitForCompletion: boolean({
		displayName: 'Wait for Completion',
		description: 'Whether to wait until the request is done and return its answer',
	}),
};

const options = {
	...callOptions(),
	onTimeout: shownWhen(WAITING, waitOptions().onTimeout),
	timeout: shownWhen(WAITING, waitOptions().timeout),
	...webhookFields(),
	priority: number(
		{
			displayName: 'Priority',
			description:
				'Requests of a higher priority are processed first. Leave it out to use the priority of the account.',
		},
		{ integer: true },
	),
	existingSince: optional(
		time({
			displayName: 'Return Existing Since',
			hint: 'Leave it blank where nothing can have been submitted before',
			description:
				'Look first for a request of the task that has the same images and texts and was created since this time, and return it. So a run that was cut short can be repeated, and nothing is submitted and billed twice.',
		}),
	),
	systemPrompt: optional(systemPromptPicker(savedPrompt('the system text'))),
	systemText: text({
		displayName: 'System Text',
		typeOptions: { rows: 2 },
		placeholder: 'e.g. You are an expert for wooden toys',
		description: `What role the model should play: the first of the messages. ${PRECEDENCE}`,
	}),
	userPrompt: optional(userPromptPicker(savedPrompt('the instruction'))),
	version: optional(
		modelVersion('The version of the trained model to use, instead of the active one'),
	),
};

export const submit = jointOperation({
	name: 'Submit',
	action: 'Submit request',
	description:
		'Ask a trained task about 1 to 10 images of an item. Returns the ID of the request, and its answer where that is waited for.',
	fields,
	options,
	workspace: 'The workspace of the task, instead of the default one',
	simplify: requestRow,
	run: async (items) => {
		const unfinished = await waitForAll(await submitAll(items));
		const ids = unfinished.flatMap((one) => one.ids);
		const shown = ids.slice(0, 20).join(', ') + (ids.length > 20 ? ', …' : '');
		unfinished[0]?.item.report(`Submitted requests that go on in Ximilar: ${shown}.`);
	},
});

type Item = ItemOf<DeclaredValues<typeof fields, typeof options>>;

interface Submitted extends IDataObject {
	id: string;
	status: string;
	image_names: string[];
	workspace?: string;
}

/** @returns the items whose answers are to be waited for; the others are ended */
async function submitAll(items: Item[]): Promise<WaitingItem[]> {
	const waiting: WaitingItem[] = [];
	const tasks = new Set(items.map(({ values }) => values.task));
	const endWith = (item: Item, request: Submitted) => {
		const { waitForCompletion, task, options: given } = item.values;
		if (!waitForCompletion) return item.end({ rows: [request] });
		const { id, image_names: imageNames, workspace = given.workspace } = request;
		// One that was lost and found may have finished before.
		const status = isFinal(request.status) ? undefined : request.status;
		const scope = { workspace, task: tasks.size === 1 ? task : undefined };
		waiting.push({ item, ids: [id], imageNames, status, scope, options: given });
	};
	const submissions = await checkedSubmissions(items, endWith);
	await submitEach(await endExisting(submissions));
	return waiting;
}

/** All items are checked before the first request goes out; one that cannot be sent is ended. */
async function checkedSubmissions(
	items: Item[],
	endWith: (item: Item, request: Submitted) => void,
): Promise<Submission[]> {
	const ready = new Map<Item, Submission>();
	await mapLimit(items, ITEMS_AT_ONCE, async (item) => {
		const endWithError = (error: unknown) =>
			item.end({ errors: [withoutWebhookSecrets(error, item.values.options)] });
		try {
			item.throwIfEnded();
			const { names, messages } = await checkedPayload(item);
			ready.set(item, {
				item,
				task: item.values.task,
				messages,
				more: moreOf(item.values),
				existing: existingOf(item.values),
				end: (request) => endWith(item, { image_names: names, ...request } as Submitted),
				endWithError,
			});
		} catch (error) {
			endWithError(error);
		}
	});
	return items.flatMap((item) => ready.get(item) ?? []);
}

interface Payload {
	/** The images as the user knows them. */
	names: string[];
	/** Makes the messages, with their images loaded as far as sending needs it. */
	messages(): Promise<IDataObject[]>;
}

/** @throws XimilarError for what is bound to be refused */
async function checkedPayload({ images, values }: Item): Promise<Payload> {
	const { imageSource: source, messages, instruction, options: given } = values;
	const { systemText } = given;
	if (source === 'messages') {
		const make = () => checkedMessages(messages ?? [], { systemText });
		return { names: imagesIn(make()).map(describePart), messages: async () => make() };
	}
	const found = images(values as ImageValues);
	await checkImages(found);
	return {
		names: found.map(({ name }) => name),
		messages: async () => await messagesOf(found, { instruction, systemText }),
	};
}

function existingOf({ options: given }: Item['values']): Submission['existing'] {
	const { existingSince: since, workspace } = given;
	return since === undefined ? undefined : { since, workspace };
}

/** What a request says beside its task and its messages. */
function moreOf({ options: given }: Item['values']): IDataObject {
	return {
		version: given.version,
		system_prompt_id: given.systemPrompt,
		user_prompt_id: given.userPrompt,
		priority: given.priority,
		webhook: webhookOf(given),
	};
}
