/**
 * Ximilar's API as its documents describe it: a real HTTP server with state, tokens, credits, checks
 * of what is sent, and faults on demand. It shares no code with the nodes that call it.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { factsOf, TEST_IMAGE_FILES, testImage, testImages } from '../images/make';
import { accountRoutes, authenticate } from './account';
import { adminRoutes, type Control, createControl } from './admin';
import { refusalOf, refuse } from './errors';
import { actAfter, actBefore, type Fault, type Stage, takeFaults } from './faults';
import { logBody, logEnd, type LoggedRequest, logStart } from './log';
import { ocrRoutes } from './ocr';
import { collectMethods, isKnownPath } from './paths';
import { admit, takeTime } from './pressure';
import { bulkRoutes } from './recognition/bulk';
import { classifyRoutes } from './recognition/classify';
import { isForm, parseForm, withoutFiles } from './recognition/form';
import { labelRoutes } from './recognition/label';
import { taskRoutes } from './recognition/task';
import { settleTrainings, trainingRoutes } from './recognition/training';
import { trainingImageRoutes } from './recognition/trainingImage';
import { storedImageRoutes } from './recognition/upload';
import { type Settings, settingsFrom } from './settings';
import { type Account, seedState, type State } from './state';
import { createWorkers } from './vlm/request/workers';
import { vlmRoutes } from './vlm/routes';

declare module 'fastify' {
	interface FastifyRequest {
		/** The account that calls; set on every call that needs a token. */
		caller: Account;
		logged: LoggedRequest;
		/** The setting. */
		strict: boolean;
		/** Those that act on it. */
		faults: Fault[];
		/** When the whole of it was there, by `performance.now()`. */
		receivedAt: number;
		/** Records that were analysed. */
		records: number;
	}
}

export interface Simulator {
	app: FastifyInstance;
	state: State;
	/** What tests can change and ask; the same as the calls under /admin/. */
	control: Control;
	/** Listens, on any free port by default, and resolves to the address. */
	start: (port?: number, host?: string) => Promise<string>;
	stop: () => Promise<void>;
	/** The address, once started. */
	readonly url: string;
}

/** A request of ten photographs in base64 must fit. */
const BODY_LIMIT = 300 * 1024 * 1024;

/** Calls without a body that seeds 002 and 003 print without a Content-Type. */
const PRINTED_WITHOUT_TYPE = /^\/(recognition|vlm)\//;

function isApiCall(request: FastifyRequest): boolean {
	return isKnownPath(request) && !/^\/(admin|images)\//.test(request.url);
}

function mediaType(request: FastifyRequest): string | undefined {
	return request.headers['content-type']?.split(';')[0]!.trim().toLowerCase();
}

function hasBody(request: FastifyRequest): boolean {
	return Buffer.isBuffer(request.body) && request.body.length > 0;
}

/** "Required headers: Content-Type: Set to application/json" (seed 000, Authentication). */
function checkContentType(state: State, request: FastifyRequest): void {
	const type = mediaType(request);
	if (type === 'application/json') return;
	if (isForm(type) && request.routeOptions.config.takesForm) return;
	const printedWithout =
		state.settings.contentType === 'printed' && PRINTED_WITHOUT_TYPE.test(request.url);
	if (type === undefined && !hasBody(request) && printedWithout) return;
	refuse(415, { detail: `Unsupported media type "${type ?? ''}" in request.` });
}

/** A body, and what the log is to show of it. */
type Parsed = { value: unknown; shown: unknown } | { error: string };

async function parseBody(request: FastifyRequest): Promise<Parsed> {
	if (!hasBody(request)) return { value: undefined, shown: null };
	const bytes = request.body as Buffer;
	const type = request.headers['content-type'];
	try {
		if (isForm(type)) {
			const value = await parseForm(bytes, type);
			return { value, shown: withoutFiles(value) };
		}
		const value: unknown = JSON.parse(bytes.toString());
		return { value, shown: value };
	} catch (error) {
		const form = isForm(type) ? 'Form' : 'JSON';
		return { error: `${form} parse error - ${(error as Error).message}` };
	}
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
	const refusal = refusalOf(error);
	if (refusal) {
		void reply.code(refusal.status).send(refusal.body);
	} else if (error instanceof ZodError) {
		void reply.code(400).send({ detail: error.issues });
	} else {
		const status = (error as { statusCode?: number }).statusCode ?? 500;
		if (status >= 500) console.error(`${request.method} ${request.url}`, error);
		void reply.code(status).send({ detail: `Simulator: ${(error as Error).message}` });
	}
}

/** Lets the faults of this stage act; true when the call has got its answer by that. */
function faultsOf(state: State) {
	return async (stage: Stage, request: FastifyRequest, reply: FastifyReply, body?: unknown) => {
		const taken = await takeFaults(state, request.logged, stage, { body });
		request.faults.push(...taken);
		return await actBefore(taken, request, reply);
	};
}

/** What happens around every call: the log, faults, the token, and the parsing of the body. */
function addHooks(app: FastifyInstance, state: State): void {
	const isAnswered = faultsOf(state);
	app.addHook('onRequest', async (request, reply) => {
		request.strict = state.settings.strict;
		request.faults = [];
		request.records = 0;
		if (request.url.startsWith('/admin/')) return undefined;
		const entry = logStart(state, request);
		request.logged = entry;
		// Unlike the framework's own hook, this comes when the connection breaks as well.
		reply.raw.once('close', () => logEnd(state, entry, reply));
		if (isApiCall(request) && !admit(state, entry, reply)) return reply;
		return (await isAnswered('headers', request, reply)) ? reply : undefined;
	});
	app.addHook('preHandler', async (request, reply) => {
		request.receivedAt = performance.now();
		const parsed = await parseBody(request);
		if (request.logged) {
			logBody(request.logged, 'shown' in parsed ? parsed.shown : null);
			state.report.bytes += Buffer.isBuffer(request.body) ? request.body.length : 0;
			const body = 'value' in parsed ? parsed.value : undefined;
			if (await isAnswered('body', request, reply, body)) return reply;
		}
		if (isApiCall(request)) {
			request.caller = authenticate(state, request.headers.authorization);
			checkContentType(state, request);
		} else if (!request.is404 && !isKnownPath(request)) {
			refuse(404, { detail: 'Not found.' });
		}
		if ('error' in parsed) refuse(400, { detail: parsed.error });
		request.body = parsed.value;
		settleTrainings(state);
		return undefined;
	});
	app.addHook('onSend', async (request, reply, payload) => {
		const { logged, caller } = request;
		if (!logged) return payload;
		if (caller) {
			await takeTime(state, request);
			const answer = typeof payload === 'string' ? payload : '';
			request.faults.push(...(await takeFaults(state, logged, 'answer', { answer })));
		}
		const sent = await actAfter(request.faults, request, reply, payload);
		logged.status = reply.statusCode;
		// Before the answer goes out: who has it may call again, and must find a free place.
		logged.holds = false;
		return sent;
	});
}

/** The test images, public and free of tokens, so that records can name them by address. */
function imageRoutes(app: FastifyInstance): void {
	app.get('/images/', async () => (await testImages()).map(factsOf));
	app.get<{ Params: { file: string } }>('/images/:file', async (request, reply) => {
		const { file } = request.params;
		if (!TEST_IMAGE_FILES.includes(file)) refuse(404, { detail: 'Not found.' });
		const { type, data } = await testImage(file);
		return await reply.type(type).send(data);
	});
}

/** A simulator with these settings, also after a reset; the usual ones for all others. */
export function createSimulator(settings: Partial<Settings> = {}): Simulator {
	const initial = () => seedState(settingsFrom(settings));
	const state = initial();
	const workers = createWorkers(state);
	const control = createControl(state, workers, initial);
	const app = Fastify({
		bodyLimit: BODY_LIMIT,
		exposeHeadRoutes: false,
		forceCloseConnections: true,
		routerOptions: { ignoreTrailingSlash: true },
	});
	const methodsOf = collectMethods(app);
	// Bodies stay bytes until the call was let in: a bad token is refused before a bad body.
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
	app.setErrorHandler(answerError);
	addHooks(app, state);
	app.setNotFoundHandler((request, reply) => {
		const methods = methodsOf(request);
		if (methods.length === 0) refuse(404, { detail: 'Not found.' });
		authenticate(state, request.headers.authorization);
		void reply.header('allow', methods.join(', '));
		refuse(405, { detail: `Method "${request.method}" not allowed.` });
	});

	adminRoutes(app, state, control);
	imageRoutes(app);
	accountRoutes(app, state);
	classifyRoutes(app, state);
	taskRoutes(app, state);
	trainingRoutes(app, state);
	labelRoutes(app, state);
	trainingImageRoutes(app, state);
	bulkRoutes(app, state);
	storedImageRoutes(app, state);
	ocrRoutes(app, state);
	vlmRoutes(app, state, workers);
	app.addHook('onClose', async () => workers.stop());

	let url = '';
	return {
		app,
		state,
		control,
		start: async (port = 0, host = '127.0.0.1') => {
			url = await app.listen({ port, host });
			return url;
		},
		stop: async () => await app.close(),
		get url() {
			return url;
		},
	};
}
