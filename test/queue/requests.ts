import type { Service } from '../bench/service';
import { byId, ximilarNode } from '../e2e/harness/links';
import { VLM_IDS } from '../simulator/vlm/ids';
import type { VlmRequest } from '../simulator/vlm/request/state';
import type { Cluster } from './cluster';
import { itemsOf, type Job } from './job';

/** Requests in an execution. */
const IN_PART = 25;

/** Makes items of what a webhook was called with. */
const itemsNode = {
	name: 'Items',
	type: 'n8n-nodes-base.splitOut',
	parameters: { fieldToSplitOut: 'body.items', options: {} },
};

/** Submit with Wait for Completion: each item by its own address of an image, which nobody fetches. */
export function submitJob({ credentials }: Cluster, service: Service, requests: number): Job {
	const addresses = Array.from({ length: requests }, (_, at) => `https://example.com/${at}.jpg`);
	return {
		title: 'Submit and wait',
		links: [
			itemsNode,
			ximilarNode(
				'Vlm',
				'request',
				'submit',
				{
					task: byId(VLM_IDS.task),
					imageSource: 'url',
					imageUrls: '={{ $json.url }}',
					waitForCompletion: true,
					simplify: true,
				},
				{ credentials },
			),
		],
		parts: split(addresses).map((keys, at) => ({
			name: String(at),
			keys,
			body: { items: keys.map((url) => ({ url })) },
		})),
		results: (execution) => {
			const items = itemsOf(execution, 'Items');
			return itemsOf(execution, 'Ximilar')
				.filter(({ json }) => json.status === 'DONE')
				.map(({ pairedItem }) => String(items[(pairedItem as { item: number }).item]!.json.url));
		},
		done: async () => {
			const times = new Map<string, number>();
			for (const url of (await submitted(service)).map(addressOf)) {
				times.set(url, (times.get(url) ?? 0) + 1);
			}
			return times;
		},
		progress: async () => (await submitted(service)).length,
	};
}

/** Wait, for requests that are under way. */
export async function waitJob(
	{ credentials }: Cluster,
	service: Service,
	requests: number,
): Promise<Job> {
	const ids: string[] = [];
	for (let at = 0; at < requests; at++) ids.push(await submit(service, at));
	return {
		title: 'Wait',
		links: [
			itemsNode,
			ximilarNode(
				'Vlm',
				'request',
				'wait',
				{ requestIds: '={{ $json.id }}', simplify: true },
				{ credentials },
			),
		],
		parts: split(ids).map((keys, at) => ({
			name: String(at),
			keys,
			body: { items: keys.map((id) => ({ id })) },
		})),
		results: (execution) =>
			itemsOf(execution, 'Ximilar')
				.filter(({ json }) => json.status === 'DONE')
				.map(({ json }) => String(json.id)),
		// A wait creates nothing, so that none may be there twice, whatever was begun again.
		done: async () => {
			const all = await submitted(service);
			const strange = all.length - ids.length;
			return new Map(ids.map((id) => [id, 1 + strange]));
		},
		progress: async () =>
			(await submitted(service)).filter(({ status }) => status === 'DONE').length,
	};
}

function split(keys: string[]): string[][] {
	return Array.from({ length: Math.ceil(keys.length / IN_PART) }, (_, at) =>
		keys.slice(at * IN_PART, (at + 1) * IN_PART),
	);
}

async function submitted(service: Service): Promise<VlmRequest[]> {
	const state = await service.control<{ vlm: { requests: Record<string, VlmRequest> } }>(
		'GET',
		'state',
	);
	return Object.values(state.vlm.requests);
}

function addressOf({ request }: VlmRequest): string {
	const [content] = request.messages.map((message) => message.content).filter(Array.isArray);
	const image = content?.find((part) => part.type === 'image_url');
	return image?.type === 'image_url' ? image.image_url.url : '';
}

async function submit(service: Service, at: number): Promise<string> {
	const image = { type: 'image_url', image_url: { url: `https://example.com/${at}.jpg` } };
	const { id } = await service.api<{ id: string }>('POST', 'vlm/v2/request/', {
		task_id: VLM_IDS.task,
		request: { messages: [{ role: 'user', content: [image] }] },
	});
	return id;
}
