import type { IDataObject } from 'n8n-workflow';
import {
	boolean,
	collection,
	jsonList,
	number,
	optional,
	picker,
	shownWhen,
	text,
	type Values,
} from '../../shared/engine/field';
import {
	imageFields,
	imageSource,
	MIXED_IMAGES,
	mixedImages,
	type ImageValues,
} from '../../shared/engine/imageFields';
import { ITEMS_AT_ONCE, jointOperation, type JointItem } from '../../shared/engine/operation';
import { mapLimit } from '../../shared/api/concurrency';
import { modelVersion, taskPicker, workspacePicker } from '../../shared/fields';
import { XimilarError } from '../../shared/api/error';
import { inWorkspace } from '../../shared/api/workspace';
import { requestRow, REQUESTS, wholeRequest } from './answer';
import { waitOptions } from './fields';
import { checkedMessages, messagesOf } from './messages';
import { tellOfUnfinished, waitForAll, type WaitingItem } from './waiting';
import { webhookFields, webhookOf, withoutWebhookSecrets } from './webhook';

/** Seed 003, "Prompt Resolution". */
const PRECEDENCE =
	'A saved prompt comes before text given here, and text before the prompt of the task.';

const IMAGES_OF_ITEM = { imageSource: ['binary', 'mixed', 'url'] };

const WAITING = { '/waitForCompletion': [true] };

const savedPrompt = (search: string, displayName: string, place: string) =>
	optional(
		picker({
			thing: 'prompt',
			search,
			displayName,
			description: `A saved prompt to use in place of ${place}. ${PRECEDENCE}`,
		}),
	);

const fields = {
	task: taskPicker('The trained task that answers'),
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
			description:
				'The messages as a JSON list. 1 to 10 images are among them, as addresses or data URLs.',
		}),
	),
	instruction: shownWhen(
		IMAGES_OF_ITEM,
		text({
			displayName: 'Instruction',
			typeOptions: { rows: 4 },
			placeholder: 'e.g. Describe this product and estimate its price',
			hint: 'Leave it blank to use the user prompt of the task',
			description: `What the model shall do with the images. ${PRECEDENCE}`,
		}),
	),
	waitForCompletion: boolean({
		displayName: 'Wait for Completion',
		description: 'Whether to wait until the request is done and return its answer',
	}),
	options: collection({
		onTimeout: shownWhen(WAITING, waitOptions().onTimeout),
		timeout: shownWhen(WAITING, waitOptions().timeout),
		...webhookFields(),
		priority: number(
			{
				displayName: 'Priority',
				description:
					'Requests of a higher priority are processed first. The priority of the account is used when it is left out.',
			},
			{ integer: true },
		),
		systemPrompt: savedPrompt('searchSystemPrompts', 'System Prompt', 'the system text'),
		systemText: text({
			displayName: 'System Text',
			typeOptions: { rows: 2 },
			placeholder: 'e.g. You are an expert for wooden toys',
			description: `What role the model shall play. ${PRECEDENCE}`,
		}),
		userPrompt: savedPrompt('searchUserPrompts', 'User Prompt', 'the instruction'),
		version: optional(
			modelVersion('The version of the trained model to use, instead of the active one'),
		),
		workspace: workspacePicker('The workspace of the task, instead of the default one'),
	}),
};

export const submit = jointOperation({
	name: 'Submit',
	action: 'Submit request',
	description:
		'Ask a trained task about 1 to 10 images of an item; the answer comes later, or is waited for',
	fields,
	simplify: requestRow,
	run: async (items) => {
		const waiting: WaitingItem[] = [];
		await submitAll(items, waiting)
			.then(async () => await waitForAll(waiting))
			.catch((error: unknown) => {
				tellOfUnfinished(waiting);
				throw error;
			});
	},
});

type Item = JointItem<Values<typeof fields>>;

/** @param waiting gathers the items whose answers are to be waited for */
async function submitAll(items: Item[], waiting: WaitingItem[]): Promise<void> {
	const tasks = new Set(items.map(({ values }) => values.task));
	await mapLimit(items, ITEMS_AT_ONCE, async (item) => {
		const { waitForCompletion, task, options } = item.values;
		try {
			item.throwIfEnded();
			const request = await submitFor(item);
			if (!waitForCompletion) return item.done(request);
			const { id, status, workspace = options.workspace } = request as Submitted;
			const scope = { workspace, task: tasks.size === 1 ? task : undefined };
			waiting.push({ item, ids: [id], status, scope, options });
		} catch (error) {
			item.failed(withoutWebhookSecrets(error, options));
		}
	});
}

interface Submitted extends IDataObject {
	id: string;
	status: string;
	workspace?: string;
}

/** POST request/, once: a second request would be billed as well. */
async function submitFor({ api, signal, images, values }: Item): Promise<IDataObject> {
	const { task, imageSource: source, messages, instruction, options } = values;
	const webhook = webhookOf(options);
	const body = {
		task_id: task,
		request: {
			messages:
				source === 'messages'
					? checkedMessages(messages ?? [])
					: await messagesOf(images(values as ImageValues), {
							instruction,
							systemText: options.systemText,
						}),
		},
		version: options.version,
		system_prompt_id: options.systemPrompt,
		user_prompt_id: options.userPrompt,
		priority: options.priority,
		webhook,
	};
	return await inWorkspace(api, options.workspace)
		.post(REQUESTS, wholeRequest, body)
		.catch((error: unknown) => {
			throw signal.aborted && error instanceof XimilarError ? perhapsSubmitted(error) : error;
		});
}

function perhapsSubmitted(brokenOffBy: XimilarError): XimilarError {
	return new XimilarError(
		'A request was on its way when the node ended, and may have been submitted',
		'Look for it with the operation Get Many before it is submitted again.',
		{ brokenOffBy },
	);
}
