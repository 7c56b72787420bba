import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import {
	mixedImages,
	imageFields,
	imageSource,
	MIXED_IMAGES,
} from '../../nodes/shared/engine/imageFields';
import {
	aboutImage,
	isAddress,
	isFile,
	type ImageValues,
} from '../../nodes/shared/engine/imageInput';
import { XimilarError } from '../../nodes/shared/api/error';
import type { Base64 } from '../../nodes/shared/api/body';
import { choice } from '../../nodes/shared/engine/field';
import { operation } from '../../nodes/shared/engine/operation';
import nock from 'nock';
import { files, jsonOf, nodeOf, png, runNode, textOf, type Job } from './workflow';

/** The images of an item, wherever n8n keeps them, by a node that does no more than look at them. */

/** What would be sent of a file. */
async function shown({ base64, mediaType }: { base64: Base64; mediaType: string }) {
	return { text: await textOf(base64), size: base64.size, held: base64.held, type: mediaType };
}

const node = nodeOf({
	thing: {
		name: 'Thing',
		operations: {
			look: operation({
				name: 'Look',
				action: 'Look',
				description: 'Looks',
				fields: {
					...imageFields(),
					imageSource: imageSource([MIXED_IMAGES]),
					images: mixedImages(),
					does: choice({ displayName: 'Does', default: 'load' }, [
						{ name: 'Check', value: 'check' },
						{ name: 'Load', value: 'load' },
						{ name: 'Load a File', value: 'file' },
						{ name: 'Name', value: 'name' },
					]),
				},
				run: async ({ images }, { does, ...values }) => {
					const all: IDataObject[] = [];
					for (const image of images(values as ImageValues)) {
						const { name, address } = image;
						if (does !== 'name') await image.check();
						if (does === 'load') {
							const loaded = await image.load();
							if ('url' in loaded) all.push({ name, address, url: loaded.url });
							else all.push({ name, ...(await shown(loaded)) });
						} else if (does === 'file') {
							const { bytes, mediaType } = await image.loadFile();
							all.push({ name, text: bytes.toString('base64'), type: mediaType });
						} else all.push({ name, address });
					}
					return all;
				},
			}),
		},
	},
});

async function look(item: INodeExecutionData, parameters: IDataObject = {}) {
	const outcome = await runNode({
		node,
		items: [item],
		parameters: { resource: 'thing', operation: 'look', ...parameters } as Job['parameters'],
	});
	return { ...outcome, json: jsonOf(outcome.items) };
}

const names = async (item: INodeExecutionData, parameters: IDataObject) => {
	const { json, error } = await look(item, { does: 'name', ...parameters });
	return error ?? json.map(({ name }) => name);
};

const image = (name: string) => ({ name: `${name}.png`, bytes: png(name) });

describe('which images an item has:', () => {
	const item: INodeExecutionData = {
		json: {},
		binary: files({
			front: image('f'),
			fronts: image('ff'),
			back: image('b'),
			note_1: image('1'),
			note_2: image('2'),
		}),
	};
	const link = 'https://example.com/a.png';

	test.each<[IDataObject, string[]]>([
		[{ binaryPropertyName: 'front' }, ['f.png']],
		[{ binaryPropertyName: 'back, front' }, ['b.png', 'f.png']],
		[{ binaryPropertyName: 'note_*' }, ['1.png', '2.png']],
		[{ binaryPropertyName: '*' }, ['f.png', 'ff.png', 'b.png', '1.png', '2.png']],
		[{ binaryPropertyName: 'note_*, back' }, ['1.png', '2.png', 'b.png']],
		[{ imageSource: 'url', imageUrls: link }, [link]],
		[{ imageSource: 'url', imageUrls: `=${link}\n${link}?2` }, [link, `${link}?2`]],
		[{ imageSource: 'mixed', images: `front, ${link}, note_*` }, ['f.png', link, '1.png', '2.png']],
		[{ imageSource: 'base64', base64Images: png('a').toString('base64') }, ['Base64 field']],
		[
			{ imageSource: 'base64', base64Images: '={{ ["aaaa", "bbbb"] }}' },
			['Base64 field, 1', 'Base64 field, 2'],
		],
	])('%j', async (parameters, wanted) => {
		expect(await names(item, parameters)).toEqual(wanted);
	});

	test.each<[string, IDataObject, INodeExecutionData, string, string]>([
		[
			'a field that is not there',
			{ binaryPropertyName: 'data' },
			item,
			'Input Binary Field: the item has no file in "data"',
			'The item has files in: front, fronts, back, note_1, note_2. Enter one of these.',
		],
		[
			'a pattern that no field has',
			{ binaryPropertyName: 'page*' },
			item,
			'Input Binary Field: the item has no file in "page*"',
			'The item has files in: front, fronts, back, note_1, note_2. Enter one of these.',
		],
		[
			'an address where a field is meant',
			{ binaryPropertyName: link },
			{ json: {} },
			`Input Binary Field: the item has no file in "${link}"`,
			'The item has no files at all. Add a step that loads them, or set Image Source to URL.',
		],
		[
			'no file at all',
			{ binaryPropertyName: 'data' },
			{ json: {} },
			'Input Binary Field: the item has no file in "data"',
			'The item has no files at all. Add a step that loads them, or set Image Source to URL.',
		],
		[
			'an empty list of files',
			{ binaryPropertyName: '={{ [] }}' },
			item,
			'The item has no image',
			'Check the field that says where it is.',
		],
		[
			'an empty list of addresses',
			{ imageSource: 'url', imageUrls: '={{ [] }}' },
			item,
			'Image URLs is empty',
			'Enter an address, or check the expression.',
		],
		[
			'an empty list of texts',
			{ imageSource: 'base64', base64Images: '={{ [] }}' },
			item,
			'Base64 is empty',
			'Drag in the field of the item, or check the expression.',
		],
	])('%s is told', async (_, parameters, given, message, description) => {
		const { error } = await look(given, parameters);
		expect(error).toMatchObject({ message, itemIndex: 0 });
		expect(error!.description).toBe(description);
	});

	test('files that newer versions of n8n keep inside the JSON are found by their names', async () => {
		const inJson = { _files: files({ scan: image('s') }) } as unknown as IDataObject;
		const both = { json: inJson, binary: files({ data: image('d') }) };
		expect(await names(both, { binaryPropertyName: 'data' })).toEqual(['d.png']);
		expect(await names(both, { binaryPropertyName: 'page' })).toMatchObject({
			description: 'The item has files in: scan, data. Enter one of these.',
		});
	});

	test('a file that an expression gives is one, with or without a name', async () => {
		const { data } = files({ data: image('d') });
		const given = { json: { file: data } as unknown as IDataObject };
		const field = { binaryPropertyName: '={{ $json.file }}' };
		expect(await names(given, field)).toEqual(['d.png']);
		const mixed = { imageSource: 'mixed', images: `={{ [$json.file, "${link}"] }}` };
		expect(await names(given, mixed)).toEqual(['d.png', link]);
		delete data!.fileName;
		expect(await names(given, field)).toEqual(['file']);
		expect(await names({ json: {}, binary: { data: data! } }, {})).toEqual(['data']);
	});

	test.each([300, 301])(
		'an address of %i letters is whole, but may be cut in its name',
		async (length) => {
			const address = link.padEnd(length, 'x');
			const { json } = await look(
				{ json: {} },
				{ does: 'name', imageSource: 'url', imageUrls: address },
			);
			expect(json).toEqual([
				{ name: length > 300 ? `${address.slice(0, 300)}…` : address, address },
			]);
		},
	);

	test.each<[unknown, boolean, boolean]>([
		['https://example.com', true, false],
		['  HTTP://example.com', true, false],
		['ftp://example.com', true, false],
		['data', false, false],
		['see https://example.com', false, false],
		['://', false, false],
		['', false, false],
		[undefined, false, false],
		[null, false, false],
		[{ mimeType: 'image/png', data: '' }, false, true],
		[{ mimeType: 'image/png' }, false, false],
		[{ data: 'a' }, false, false],
	])('%j is an address: %j, a file: %j', (value, anAddress, aFile) => {
		if (typeof value === 'string') expect(isAddress(value)).toBe(anAddress);
		expect(isFile(value)).toBe(aFile);
	});
});

describe('an address', () => {
	const lookAt = async (imageUrls: string, does: string) =>
		await look({ json: {} }, { does, imageSource: 'url', imageUrls });

	test('stays one, in its normal form', async () => {
		const { json } = await lookAt('https://example.com/my photo.png', 'load');
		expect(json).toEqual([
			{
				name: 'https://example.com/my photo.png',
				address: 'https://example.com/my photo.png',
				url: 'https://example.com/my%20photo.png',
			},
		]);
	});

	test('that is none is told when it is checked', async () => {
		for (const text of ['ftp://example.com/a.png', 'data']) {
			const { error } = await lookAt(text, 'check');
			expect(error).toMatchObject({ itemIndex: 0 });
			expect(error!.message).toContain('address');
		}
	});

	test('is fetched where a file is needed', async () => {
		nock('https://example.com').get('/a.png').reply(200, png('a'));
		const { json } = await lookAt('https://example.com/a.png', 'file');
		expect(json[0]).toMatchObject({ text: png('a').toString('base64'), type: 'image/png' });
	});

	test('is refused where a file is needed and what it leads to is none', async () => {
		nock('https://example.com').get('/a.png').reply(200, '<html>');
		const { error } = await lookAt('https://example.com/a.png', 'file');
		expect(error!.message).toBe('The file is a web page, not an image');
	});
});

const frame = Buffer.from('2c00000000010001000002024401', 'hex');
const gif = (frames: number) =>
	Buffer.concat([
		Buffer.from('GIF89a'),
		Buffer.from('01000100000000', 'hex'),
		...Array<Buffer>(frames).fill(Buffer.concat([frame, Buffer.from([0])])),
		Buffer.from([0x3b]),
	]);
const ANIMATED = '"a" is an animated GIF: only its first frame is used.';
const TOO_LARGE = 'It is too large: 51 MB, where 50 MB can be sent';
const LIMIT = 50 * 2 ** 20;
const pngOf = (bytes: number) => Buffer.concat([png(''), Buffer.alloc(bytes - png('').length)]);

/** The ways in which n8n keeps files, and how a file comes to be there. */
const ways: Record<string, (bytes: Buffer) => Promise<IBinaryData>> = {
	'in memory': async (bytes) => files({ data: { name: 'a', bytes } }).data!,
	'on the disk': async (bytes) => await stored(bytes),
	'on the disk, its size beside it': async (bytes) => ({
		...(await stored(bytes)),
		bytes: bytes.length,
	}),
	'in a database': async (bytes) => {
		inDatabase.set(String(inDatabase.size), bytes);
		const id = `database:${inDatabase.size - 1}`;
		return { mimeType: 'image/png', fileName: 'a', data: 'database', id };
	},
};

let folder: string;
let service: BinaryDataService;
const inDatabase = new Map<string, Buffer>();

/** What was read of files: how much at once, or all of it; what is known of them. */
const readings: string[] = [];

async function stored(bytes: Buffer): Promise<IBinaryData> {
	const where = { type: 'execution', workflowId: '1', executionId: '1' } as const;
	const file = { mimeType: 'image/png', fileName: 'a', data: '' };
	const { bytes: _, ...binary } = await service.store(where, bytes, file);
	return binary;
}

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'ximilar-files-'));
	const config = { mode: 'filesystem', localStoragePath: folder, signingSecret: '' };
	service = new BinaryDataService(
		...([config, {}, {}] as unknown as ConstructorParameters<typeof BinaryDataService>),
	);
	await service.init();
	service.setManager('database', {
		getAsBuffer: async (id: string) => inDatabase.get(id)!,
		getAsStream: async (id: string) => Readable.from([inDatabase.get(id)!]),
		// It does not tell the size.
		getMetadata: async () => ({ fileName: 'a', mimeType: 'image/png' }),
	} as never);
	Container.set(BinaryDataService, service);
	const spy = (name: 'getAsBuffer' | 'getAsStream' | 'getMetadata') => {
		const original = service[name].bind(service) as (...args: unknown[]) => unknown;
		jest.spyOn(service, name).mockImplementation(((...args: unknown[]) => {
			readings.push([name, ...args.slice(1)].join(' '));
			return original(...args);
		}) as never);
	};
	spy('getAsBuffer');
	spy('getAsStream');
	spy('getMetadata');
});

beforeEach(() => {
	readings.length = 0;
	inDatabase.clear();
});

afterAll(async () => {
	jest.restoreAllMocks();
	await rm(folder, { recursive: true });
});

describe.each(Object.entries(ways))('a file that n8n keeps %s', (_, keptIn) => {
	const lookAt = async (bytes: Buffer, parameters: IDataObject = {}) =>
		await look({ json: {}, binary: { data: await keptIn(bytes) } }, parameters);

	test.each(['load', 'file'])('comes as it is: %s', async (does) => {
		const bytes = png('something');
		const { json, error } = await lookAt(bytes, { does });
		expect(error).toBeUndefined();
		expect(json).toEqual([
			expect.objectContaining({ name: 'a', text: bytes.toString('base64'), type: 'image/png' }),
		]);
	});

	test('and large comes as it is too', async () => {
		const bytes = Buffer.concat([
			png(''),
			Buffer.from(Array.from({ length: 2 ** 20 }, (__, at) => at % 251)),
		]);
		const { json } = await lookAt(bytes);
		expect(json[0]!.text === bytes.toString('base64')).toBe(true);
		expect(json[0]!.size).toBe(bytes.length);
	});

	test.each(['check', 'load', 'file'])('is refused where it is no image: %s', async (does) => {
		const { error } = await lookAt(Buffer.from('%PDF-1.7'), { does });
		if (does === 'check' && keptIn === ways['in a database']) expect(error).toBeUndefined();
		else expect(error!.message).toBe('Ximilar does not take PDF files');
	});

	test('is refused where it is empty', async () => {
		const { error } = await lookAt(Buffer.alloc(0));
		expect(error!.message).toBe('The file is empty');
	});

	test('is taken up to 50 MB', async () => {
		const { error } = await lookAt(pngOf(LIMIT), { does: 'file' });
		expect(error).toBeUndefined();
	});

	test.each(['load', 'file'])('is refused above: %s', async (does) => {
		const { error } = await lookAt(pngOf(LIMIT + 1), { does });
		expect(error!.message).toBe(TOO_LARGE);
		expect(error!.description).toBe(
			'Make it smaller first. Nothing was sent for it, and no credit was used.',
		);
	});

	test.each([
		[1, []],
		[2, [ANIMATED]],
	])('a GIF of %i frames is looked at as a whole', async (frames, messages) => {
		const { json, hints } = await lookAt(gif(frames));
		expect(json[0]).toMatchObject({ type: 'image/gif', held: gif(frames).length });
		expect(hints.map(({ message }) => message)).toEqual(messages);
	});
});

describe('no more is read than it takes', () => {
	const readingsOf = async (way: string, bytes: Buffer, does: string) => {
		const data = await ways[way]!(bytes);
		const { error } = await look({ json: {}, binary: { data } }, { does });
		expect(error).toBeUndefined();
		return readings;
	};
	const CHUNK = 768 * 1024;

	test('to check a file on the disk: its size, and its first bytes', async () => {
		expect(await readingsOf('on the disk', png('a'), 'check')).toEqual([
			'getMetadata',
			'getAsStream 4096',
		]);
	});

	test('and where its size stands beside it, no more than these', async () => {
		expect(await readingsOf('on the disk, its size beside it', png('a'), 'check')).toEqual([
			'getAsStream 4096',
		]);
	});

	test.each([
		[CHUNK, 'getAsBuffer'],
		[CHUNK + 1, `getAsStream ${CHUNK}`],
	])('to send one of %i bytes: %s', async (size, reading) => {
		expect(await readingsOf('on the disk', pngOf(size), 'load')).toEqual([
			'getMetadata',
			'getAsStream 4096',
			reading,
		]);
	});

	test('of one in memory, nothing', async () => {
		expect(await readingsOf('in memory', png('a'), 'load')).toEqual([]);
	});

	test('one that must be read to know its size is not held back', async () => {
		expect(await readingsOf('in a database', png('a'), 'check')).toEqual(['getMetadata']);
	});
});

describe('base64 in memory', () => {
	const bytes = png('ab');
	const plain = bytes.toString('base64');

	test.each([
		['as it is', plain, 0],
		['with line breaks', plain.replace(/(.{8})/g, '$1\n'), bytes.length],
		['with the letters of addresses', plain.replaceAll('/', '_').replaceAll('+', '-'), 0],
		['without padding', plain.replace(/=+$/, ''), bytes.length],
	])('%s is sent as it has to be', async (what, data, held) => {
		const binary = { data: { mimeType: 'image/png', fileName: 'a', data } };
		const { json } = await look({ json: {}, binary });
		expect(json[0]!.text).toBe(plain);
		if (what !== 'with the letters of addresses') expect(json[0]!.held).toBe(held);
	});

	test.each(['abcd', 'abc', 'ab'])('of %j is sent without being made anew', async (content) => {
		const three = png(content);
		const binary = files({ data: { name: 'a', bytes: three } });
		const { json } = await look({ json: {}, binary });
		expect(json[0]).toMatchObject({ text: three.toString('base64'), held: 0, size: three.length });
	});
});

test('a file of which nothing is left on the disk is told, and does not hold up the run', async () => {
	const data = await stored(png('a'));
	await truncate(service.getPath(data.id!));
	const { error } = await look({ json: {}, binary: { data } });
	expect(error!.message).toBe('The file is empty');
});

test.each([
	['of an image', new XimilarError('Bad', 'Look.'), 'Image "a": Bad'],
	['of all', new XimilarError('Bad', 'Look.', { concernsAll: true }), 'Bad'],
	['of nobody', new Error('Odd'), 'Odd'],
])('an error %s names the image where it is about it', (_, error, message) => {
	expect((aboutImage('a', error) as Error).message).toBe(message);
});

test('a file that is gone from the disk is told with its item', async () => {
	const data = await stored(png('a'));
	await rm(folder, { recursive: true });
	const { error } = await look({ json: {}, binary: { data } });
	await service.init();
	expect(error).toMatchObject({ itemIndex: 0 });
});
