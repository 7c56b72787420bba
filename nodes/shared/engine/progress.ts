import { sleep, type IExecuteFunctions } from 'n8n-workflow';
import { counted, duration, type XimilarError } from '../api/error';
import { wait } from '../api/time';

/** Milliseconds between two reports. */
const INTERVAL = 10_000;

/** What is told of a run that takes long: in n8n's log, and in the editor's console in a manual run. */
export interface Progress {
	/** So many images are to be done: the reports begin. */
	expect(images: number): void;
	/** An image has its result, or cannot be done. */
	done(): void;
	/** Ends the reports; a long run gets a hint beside its output. */
	end(hint: (text: string) => void): void;
	/** What the client tells of its calls. */
	ofCalls: {
		onRequest(): void;
		onEnd(): void;
		onRetry(error: XimilarError, delay: number): void;
	};
}

/** @param signal ends the reports */
export function createProgress(context: IExecuteFunctions, signal: AbortSignal): Progress {
	const start = Date.now();
	const over = new AbortController();
	let [expected, done, requests, underWay, repeats] = [0, 0, 0, 0, 0];
	let waitingFor = '';

	const report = () => {
		const text = [
			`${done} of ${counted(expected, 'image')} done`,
			`${counted(underWay, 'request')} under way`,
			...(waitingFor ? [`waiting: ${waitingFor}`] : []),
		].join(', ');
		context.logger.info(`${context.getNode().name}: ${text}`);
		context.sendMessageToUI(text);
	};

	const reportUntilOver = async () => {
		for (;;) {
			await wait(sleep, INTERVAL, over.signal);
			if (signal.aborted) return;
			report();
		}
	};

	return {
		expect: (images) => {
			if (!expected) reportUntilOver().catch(() => undefined);
			expected += images;
		},
		done: () => {
			done++;
		},
		end: (hint) => {
			over.abort();
			const time = Date.now() - start;
			if (!expected || time < INTERVAL) return;
			hint(
				`${counted(done, 'image')} in ${counted(requests, 'request')}, ${repeats} of them repeated, in ${duration(time)}.`,
			);
		},
		ofCalls: {
			onRequest: () => {
				requests++;
				underWay++;
			},
			onEnd: () => {
				underWay--;
				waitingFor = '';
			},
			onRetry: ({ message }, delay) => {
				repeats++;
				waitingFor = `${message}; next try in ${duration(delay)}`;
			},
		},
	};
}
