/** Submits requests in tests, and lets the simulator's time pass. */
import { type Answer, call, type CallOptions, runSimulator } from '../../caller';
import { VLM_IDS } from '../ids';

export const REQUESTS = '/vlm/v2/request/';

/** A simulator whose clock stands still, with what the tests of requests need. */
export function runRequests() {
	const simulator = runSimulator();
	beforeEach(() => simulator.control.changeClock({ running: false, now: Date.UTC(2026, 0, 15) }));

	const imageUrl = (file = 'badge.gif') => `${simulator.url}/images/${file}`;
	const imagePart = (url: string) => ({ type: 'image_url', image_url: { url } });
	const messages = (urls: string[], text?: string) => [
		{
			role: 'user',
			content: [...(text === undefined ? [] : [{ type: 'text', text }]), ...urls.map(imagePart)],
		},
	];

	const submit = async (
		{ text, ...rest }: { text?: string } & Record<string, unknown> = {},
		as?: CallOptions['as'],
	): Promise<Answer> =>
		await call(simulator, REQUESTS, {
			as,
			body: {
				task_id: VLM_IDS.task,
				request: { messages: messages([imageUrl()], text) },
				...rest,
			},
		});
	const submitted = async (...args: Parameters<typeof submit>): Promise<string> =>
		(await submit(...args)).body.id;
	const detail = async (id: string) => (await call(simulator, `${REQUESTS}${id}/`)).body;
	const status = async (id: string): Promise<string> =>
		(await call(simulator, `${REQUESTS}${id}/status/`)).body.status;
	const pass = (ms: number) => simulator.control.changeClock({ advance: ms });
	return { simulator, imageUrl, imagePart, messages, submit, submitted, detail, status, pass };
}
