/** vlm/v2/sample/: samples themselves (seed 003, Sample Endpoints). No call deletes one. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { timestamp } from '../clock';
import {
	flag,
	type Json,
	jsonObject,
	oneOf,
	optional,
	queryFlag,
	requiredUuid,
	text,
} from '../fields';
import { PAGE_QUERY, paginate } from '../paging';
import { answerUnprinted, inField, inPath, readCall, writeCall } from '../recognition/call';
import type { State, TrainingImage } from '../state';
import { contentOf } from './prompt';
import { type Dataset, type Sample, SAMPLE_TYPES, type SampleLink } from './state';
import { variablesConfig } from './variable';

export const SAMPLES = '/vlm/v2/sample/';

const FIELDS = ['dataset', 'name', 'description', 'test', 'type', 'input_meta_data', 'meta_data'];

/** What may be changed only as far as the setting says. */
const UNPRINTED_CHANGES = ['name', 'description', 'meta_data'];

/** The sample's images; a training image that was deleted is gone from its samples as well. */
export function imagesOf(
	state: State,
	sample: Sample,
): Array<{ link: SampleLink; image: TrainingImage }> {
	return sample.images.flatMap((link) => {
		const image = state.trainingImages.find(({ id }) => id === link.target);
		return image ? [{ link, image }] : [];
	});
}

function presentSample(state: State, sample: Sample) {
	const { images: _, objects, values, ...rest } = sample;
	const dataset = state.vlm.datasets.find((one) => one.id === sample.dataset)!;
	return {
		...rest,
		dataset_name: dataset.name,
		// A sample may have its own in the service; no call here sets them.
		result_template: contentOf(state, dataset.result_template_id),
		user_prompt: contentOf(state, dataset.user_prompt_id),
		images_count: imagesOf(state, sample).length,
		objects_count: objects.length,
		variables_count: Object.keys(values).length,
		dataset_variables_config: variablesConfig(state, dataset.id),
	};
}

/**
 * "auto-populated from the dataset's default_input_meta_data and variables extracted from the user
 * prompt": what stands there in double braces, empty where the dataset has no default.
 */
function defaultInput(state: State, dataset: Dataset): Json {
	const prompt = contentOf(state, dataset.user_prompt_id) ?? '';
	const names = [...prompt.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1]!);
	return {
		...Object.fromEntries(names.map((name) => [name, ''])),
		...dataset.default_input_meta_data,
	};
}

function sampleType(value: unknown, field: string): Sample['type'] {
	return oneOf(value, field, SAMPLE_TYPES);
}

/** The new sample that a body describes. */
function sampleIn(state: State, body: Json, workspace: string): Sample {
	const dataset = inField(state.vlm.datasets, body.dataset, 'dataset', workspace);
	return {
		id: randomUUID(),
		dataset: dataset.id,
		test: optional(body.test, 'test', flag) ?? false,
		name: optional(body.name, 'name', text) ?? null,
		description: optional(body.description, 'description', text) ?? null,
		type: optional(body.type, 'type', sampleType) ?? 'multi_random',
		created_date: timestamp(state.clock),
		input_meta_data:
			body.input_meta_data === undefined
				? defaultInput(state, dataset)
				: jsonObject(body.input_meta_data, 'input_meta_data'),
		meta_data: optional(body.meta_data, 'meta_data', jsonObject) ?? {},
		images: [],
		objects: [],
		values: {},
		workspace,
	};
}

/** What a change makes of a sample: "The metadata is merged with any existing input metadata." */
function changesIn(sample: Sample, body: Json): Partial<Sample> {
	const changed = (field: 'name' | 'description') =>
		field in body ? (optional(body[field], field, text) ?? null) : sample[field];
	const added =
		'input_meta_data' in body ? jsonObject(body.input_meta_data, 'input_meta_data') : {};
	return {
		type: 'type' in body ? sampleType(body.type, 'type') : sample.type,
		input_meta_data: { ...sample.input_meta_data, ...added },
		name: changed('name'),
		description: changed('description'),
		meta_data: 'meta_data' in body ? jsonObject(body.meta_data, 'meta_data') : sample.meta_data,
	};
}

function readRoutes(app: FastifyInstance, state: State): void {
	app.get(SAMPLES, (request) => {
		const filters = ['dataset', 'test', 'search'];
		const { query, workspace } = readCall(request, [...PAGE_QUERY, ...filters]);
		const dataset = optional(query.dataset, 'dataset', requiredUuid);
		const test = optional(query.test, 'test', queryFlag);
		const search = (query.search ?? '').toLowerCase();
		const samples = state.vlm.samples.filter(
			(sample) =>
				sample.workspace === workspace &&
				(!dataset || sample.dataset === dataset) &&
				(test === undefined || sample.test === test) &&
				(sample.name ?? '').toLowerCase().includes(search),
		);
		return paginate(state, request, samples, (sample) => presentSample(state, sample));
	});

	app.get(`${SAMPLES}:id/`, (request) => {
		const { workspace } = readCall(request);
		return presentSample(state, inPath(state.vlm.samples, request, workspace));
	});
}

function writeRoutes(app: FastifyInstance, state: State): void {
	app.post(SAMPLES, (request, reply) => {
		const { body, workspace } = writeCall(request, FIELDS);
		const sample = sampleIn(state, body, workspace);
		state.vlm.samples.push(sample);
		void reply.code(201);
		return presentSample(state, sample);
	});

	app.patch(`${SAMPLES}:id/`, (request) => {
		const more = state.settings.vlmSampleUpdate === 'all' ? UNPRINTED_CHANGES : [];
		const { body, workspace } = writeCall(request, ['type', 'input_meta_data', ...more]);
		const sample = inPath(state.vlm.samples, request, workspace);
		return presentSample(state, Object.assign(sample, changesIn(sample, body)));
	});

	for (const [name, test] of [
		['set-test', true],
		['set-untest', false],
	] as const) {
		app.post(`${SAMPLES}:id/${name}/`, (request, reply) => {
			const { workspace } = writeCall(request, []);
			const sample = inPath(state.vlm.samples, request, workspace);
			sample.test = test;
			return answerUnprinted(state, reply, presentSample(state, sample));
		});
	}
}

export function sampleRoutes(app: FastifyInstance, state: State): void {
	readRoutes(app, state);
	writeRoutes(app, state);
}
