/** Control for tests: the same from inside the process and over HTTP, where it needs no token. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { advance, now, setRunning, setTime } from './clock';
import { addFaults, type Fault, type FaultInput, faultSchema } from './faults';
import { refuse } from './errors';
import { logReport } from './log';
import { newReport, type Report } from './pressure';
import { settleTrainings } from './recognition/training';
import { type Settings, settingsSchema } from './settings';
import type { Account, State, TrainingImage } from './state';
import { vlmAdminRoutes } from './vlm/admin';
import { createVlmControl, type VlmControl } from './vlm/control';
import type { Workers } from './vlm/request/workers';

const accountSchema = z
	.object({
		plan: z.enum(['free', 'business', 'professional']),
		creditsLimit: z.number().int(),
		creditsUsed: z.number().int(),
		vlm: z.boolean(),
	})
	.strict()
	.partial();

const trainingImageSchema = z
	.object({
		/** How many people have verified it. */
		verified: z.number().int().nonnegative(),
	})
	.strict();

const clockSchema = z
	.object({
		/** Milliseconds to let pass. */
		advance: z.number().nonnegative(),
		/** False stops the clock, true lets it run on. */
		running: z.boolean(),
		/** Sets the time, in milliseconds since 1970. */
		now: z.number(),
	})
	.strict()
	.partial();

export interface Control {
	/** Queues faults; see `faultSchema` for what there is. */
	addFaults: (...faults: FaultInput[]) => Fault[];
	clearFaults: () => void;
	/** The log of calls whose path contains `path`, with counts and the most at once, by route. */
	requests: (path?: string) => ReturnType<typeof logReport>;
	/** What was borne: calls, records, credits, images. */
	report: () => Report;
	/** Begins the report anew. */
	clearReport: () => void;
	changeSettings: (change: Partial<Settings>) => Settings;
	account: (name: string) => Account;
	changeAccount: (name: string, change: z.infer<typeof accountSchema>) => Account;
	/** Changes of a training image what no call that is simulated here changes. */
	changeTrainingImage: (id: string, change: z.infer<typeof trainingImageSchema>) => TrainingImage;
	/** Changes the simulated time, and returns it. */
	changeClock: (change: z.infer<typeof clockSchema>) => { now: number; running: boolean };
	/** Control of the VLM part. */
	vlm: VlmControl;
	/** Back to the start: state, settings, faults, log and clock. */
	reset: () => void;
}

export function createControl(state: State, workers: Workers, initial: () => State): Control {
	const account = (name: string): Account => {
		const found = state.accounts.find((one) => one.name === name);
		return found ?? refuse(404, { detail: `There is no account "${name}".` });
	};
	return {
		addFaults: (...faults) => addFaults(state, faults),
		clearFaults: () => {
			state.faults = [];
		},
		requests: (path) => logReport(state, path),
		report: () => state.report,
		clearReport: () => {
			Object.assign(state, { report: newReport(), imagesSeen: 0 });
		},
		changeSettings: (change) =>
			Object.assign(state.settings, settingsSchema.partial().parse(change)),
		account,
		changeAccount: (name, change) => Object.assign(account(name), accountSchema.parse(change)),
		changeTrainingImage: (id, change) => {
			const image = state.trainingImages.find((one) => one.id === id);
			if (!image) refuse(404, { detail: `There is no training image ${id}.` });
			return Object.assign(image, trainingImageSchema.parse(change));
		},
		changeClock: (change) => {
			const wanted = clockSchema.parse(change);
			if (wanted.running !== undefined) setRunning(state.clock, wanted.running);
			if (wanted.now !== undefined) setTime(state.clock, wanted.now);
			advance(state.clock, wanted.advance ?? 0);
			settleTrainings(state);
			workers.wake();
			return { now: now(state.clock), running: state.clock.stopped === null };
		},
		vlm: createVlmControl(state, workers),
		reset: () => {
			Object.assign(state, initial());
			workers.wake();
		},
	};
}

export function adminRoutes(app: FastifyInstance, state: State, control: Control): void {
	app.get('/admin/state', () => ({ ...state, files: undefined, open: undefined }));
	app.post('/admin/reset', () => {
		control.reset();
		return { reset: true };
	});

	app.get<{ Querystring: { path?: string } }>('/admin/requests', (request) =>
		control.requests(request.query.path),
	);

	app.get('/admin/report', () => control.report());
	app.delete('/admin/report', () => {
		control.clearReport();
		return control.report();
	});

	app.get('/admin/faults', () => state.faults);
	app.post('/admin/faults', (request) => {
		const many = z.union([z.array(faultSchema), faultSchema]).parse(request.body);
		return control.addFaults(...(Array.isArray(many) ? many : [many]));
	});
	app.delete('/admin/faults', () => {
		control.clearFaults();
		return state.faults;
	});

	app.get('/admin/settings', () => state.settings);
	app.patch<{ Body: Partial<Settings> }>('/admin/settings', (request) =>
		control.changeSettings(request.body),
	);

	app.get<{ Params: { name: string } }>('/admin/accounts/:name', (request) =>
		control.account(request.params.name),
	);
	app.patch<{ Params: { name: string }; Body: z.infer<typeof accountSchema> }>(
		'/admin/accounts/:name',
		(request) => control.changeAccount(request.params.name, request.body),
	);

	app.patch<{ Params: { id: string }; Body: z.infer<typeof trainingImageSchema> }>(
		'/admin/training-images/:id',
		(request) => control.changeTrainingImage(request.params.id, request.body),
	);

	app.get('/admin/clock', () => control.changeClock({}));
	app.patch<{ Body: z.infer<typeof clockSchema> }>('/admin/clock', (request) =>
		control.changeClock(request.body),
	);

	vlmAdminRoutes(app, control.vlm, () => state.vlm.rules);
}
