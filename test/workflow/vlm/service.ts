import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API } from '../workflow';
import { DATASET, imageId, page, sampleImage } from './vlm';

/** A service that keeps the samples it is given, and can be told to fail. */

export interface KeptSample extends IDataObject {
	id: string;
	dataset: string;
	name: string | null;
	test: boolean;
	type: string;
	images: string[];
	values: IDataObject;
}

export interface Service {
	/** Calls that came, e.g. `POST add-images`, in their order. */
	calls: string[];
	bodies: Record<string, IDataObject[]>;
	/** IDs of uploaded images by the hash of their bytes. */
	images: Map<string, string>;
	samples: KeptSample[];
	/** What PATCH takes of a sample; all that a sample has when left out. */
	changeable?: string[];
	/** How many entries a page of the samples has; all of them when left out. */
	pageSize?: number;
	/** Called before a call is carried out: an answer stands in for it. */
	before?(call: string, body: IDataObject, count: number): nock.ReplyFnResult | undefined;
	/** Called after it was carried out: its answer is lost. */
	after?(call: string, body: IDataObject, count: number): nock.ReplyFnResult | undefined;
}

export function service(variables: IDataObject[]): Service {
	const state: Service = { calls: [], bodies: {}, images: new Map(), samples: [] };

	const upload = ({ base64 }: IDataObject): nock.ReplyFnResult => {
		const hash = createHash('sha256').update(String(base64)).digest('hex');
		const known = state.images.get(hash);
		if (known) return [400, { detail: `Image already exists (image ID: ${known}).` }];
		const id = imageId(state.images.size + 1);
		state.images.set(hash, id);
		return [201, { id }];
	};

	const shown = ({ images, values, ...sample }: KeptSample) => ({
		...sample,
		images_count: images.length,
		variables_count: Object.keys(values).length,
	});

	const createSample = (body: IDataObject): nock.ReplyFnResult => {
		const sample: KeptSample = {
			name: null,
			test: false,
			type: 'multi_random',
			input_meta_data: { category: 'jacket' },
			...body,
			dataset: String(body.dataset),
			id: `5a000000-0000-4000-8000-${String(state.samples.length + 1).padStart(12, '0')}`,
			images: [],
			values: {},
		};
		state.samples.push(sample);
		return [201, shown(sample)];
	};

	const onSample = (sample: KeptSample, call: string, body: IDataObject): nock.ReplyFnResult => {
		switch (call) {
			case 'POST add-images':
				// A service that adds what it is told, also twice.
				sample.images.push(...(body.image_ids as string[]));
				return [200, {}];
			case 'GET sample-images':
				return [200, sample.images.map(sampleImage)];
			case 'POST add-variable-value':
				sample.values[String(body.dataset_variable)] = (body.value as IDataObject).value;
				return [200, {}];
			case 'POST set-test':
			case 'POST set-untest':
				sample.test = call === 'POST set-test';
				return [200, shown(sample)];
			case 'GET sample/ID':
				return [200, shown(sample)];
			case 'PATCH sample':
				return change(sample, body);
			default:
				return [404, { detail: 'Not found.' }];
		}
	};

	const change = (sample: KeptSample, body: IDataObject): nock.ReplyFnResult => {
		const { changeable } = state;
		const unknown = Object.keys(body).filter((field) => changeable && !changeable.includes(field));
		if (unknown.length) return [400, { [unknown[0]!]: ['Unknown field.'] }];
		const input_meta_data = {
			...(sample.input_meta_data as IDataObject),
			...(body.input_meta_data as IDataObject),
		};
		return [200, shown(Object.assign(sample, body, { input_meta_data }))];
	};

	const list = (query: URLSearchParams): nock.ReplyFnResult => {
		const search = (query.get('search') ?? '').toLowerCase();
		const found = state.samples.filter(
			({ dataset, name }) =>
				dataset === query.get('dataset') && (name ?? '').toLowerCase().includes(search),
		);
		const { pageSize = found.length } = state;
		const at = Number(query.get('page') ?? 1);
		const isLast = at * pageSize >= found.length;
		query.set('page', String(at + 1));
		return [
			200,
			page(
				found.slice((at - 1) * pageSize, at * pageSize).map(shown),
				isLast ? null : `${API}/vlm/v2/sample/?${query}`,
			),
		];
	};

	const answer = (method: string, uri: string, body: IDataObject): nock.ReplyFnResult => {
		const { pathname, searchParams } = new URL(uri, API);
		const [kind, id, action] = pathname.split('/').slice(3).filter(Boolean);
		const call = `${method} ${action ?? kind}${method === 'GET' && id && !action ? '/ID' : ''}`;
		const carryOut = (): nock.ReplyFnResult => {
			if (call === 'POST training-image') return upload(body);
			if (call === 'GET variable') return [200, page(variables)];
			if (call === 'GET sample') return list(searchParams);
			if (call === 'POST sample') return createSample(body);
			const sample = state.samples.find((one) => one.id === id);
			return sample ? onSample(sample, call, body) : [404, { detail: 'Not found.' }];
		};
		state.calls.push(call);
		(state.bodies[call] ??= []).push(body);
		const count = state.bodies[call].length;
		const refused = state.before?.(call, body, count);
		if (refused) return refused;
		const done = carryOut();
		return state.after?.(call, body, count) ?? done;
	};

	for (const method of ['GET', 'POST', 'PATCH']) {
		nock(API)
			.persist()
			.intercept(/.*/, method)
			.optionally()
			.reply((uri, body) => answer(method, uri, body as IDataObject));
	}
	return state;
}

export const inDataset = { dataset: { __rl: true, mode: 'id', value: DATASET } };
