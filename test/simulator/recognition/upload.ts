/** Uploading training images, and the addresses from which they can be had again. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import sharp from 'sharp';
import { timestamp } from '../clock';
import { refuse, refuseField } from '../errors';
import { base64Bytes, flag, type Json, jsonObject, optional } from '../fields';
import { type Image, inspect } from '../images';
import type { State, StoredFile, TrainingImage } from '../state';

/** Where stored images are; as public as the test images beside them. */
const STORED = '/images/stored/';

/** "noresize": without it an image is stored no larger than this; a guess, no document says. */
const MAX_SIDE = 1024;
const THUMBNAIL_SIDE = 200;

const TYPES: Record<string, [ending: string, type: string]> = {
	JPEG: ['jpg', 'image/jpeg'],
	PNG: ['png', 'image/png'],
	WEBP: ['webp', 'image/webp'],
	HEIC: ['heic', 'image/heic'],
	BMP: ['bmp', 'image/bmp'],
	TIFF: ['tiff', 'image/tiff'],
	GIF: ['gif', 'image/gif'],
};

/** The fields of an upload: `base64` in JSON, `img_path` as a file in a form. */
export const UPLOAD_FIELDS = ['base64', 'img_path', 'noresize', 'test_image', 'meta_data'];
/** Those that are no texts, nor files. */
export const UPLOAD_TYPED_FIELDS = ['noresize', 'test_image', 'meta_data'];

async function sentBytes(body: Json, strict: boolean): Promise<{ field: string; bytes: Buffer }> {
	if ((body.base64 === undefined) === (body.img_path === undefined)) {
		refuse(400, { detail: 'Exactly one of "base64" and "img_path" is required.' });
	}
	if (body.base64 !== undefined) {
		return { field: 'base64', bytes: base64Bytes(body.base64, 'base64', strict) };
	}
	if (!(body.img_path instanceof File)) {
		refuseField('img_path', 'The submitted data was not a file.');
	}
	return { field: 'img_path', bytes: Buffer.from(await body.img_path.arrayBuffer()) };
}

async function shrunk(pixels: Buffer, { width, height }: Image, side: number) {
	const { data, info } = await sharp(pixels, { raw: { width, height, channels: 3 } })
		.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
		.jpeg()
		.toBuffer({ resolveWithObject: true });
	return { data, type: 'image/jpeg', ending: 'jpg', width: info.width, height: info.height };
}

/** The file to keep: as it came, or shrunk, where it was decoded. */
async function fileOf(bytes: Buffer, image: Image, noresize: boolean) {
	const { pixels, width, height } = image;
	if (pixels && !noresize && Math.max(width, height) > MAX_SIDE) {
		return await shrunk(pixels, image, MAX_SIDE);
	}
	const [ending, type] = TYPES[image.format]!;
	return { data: bytes, type, ending, width, height };
}

/** In the words that the public client looks for: "already exists", and then "image ID: ...". */
function refuseDuplicate(state: State, image: TrainingImage): never {
	const detail = `This image already exists in the workspace, image ID: ${image.id}`;
	const bodies = { detail: { detail }, detailList: { detail: [detail] }, list: [detail] };
	refuse(400, bodies[state.settings.duplicateAnswer]);
}

/**
 * Stores an image. It costs nothing: "only API calls that send or upload an image for AI analysis
 * consume credits" (seed 000), and a training image is kept, not analysed.
 */
export async function storeImage(
	state: State,
	body: Json,
	workspace: string,
	strict: boolean,
): Promise<TrainingImage> {
	const noresize = optional(body.noresize, 'noresize', flag) ?? false;
	const test_image = optional(body.test_image, 'test_image', flag) ?? false;
	const meta_data = optional(body.meta_data, 'meta_data', jsonObject) ?? {};
	const { field, bytes } = await sentBytes(body, strict);
	state.report.uploads.count++;
	state.report.uploads.bytes += bytes.length;
	const inspection = await inspect(bytes, state.settings.decode);
	if ('refused' in inspection) refuseField(field, inspection.refused);
	const { sha256 } = inspection.image;
	const { pixels } = inspection.image;
	const file = await fileOf(bytes, inspection.image, noresize);
	const thumbnail = pixels ? await shrunk(pixels, inspection.image, THUMBNAIL_SIDE) : file;

	// From here on nothing waits, so that of two uploads side by side one finds the other.
	const same = state.trainingImages.find(
		(one) => one.sha256 === sha256 && one.workspace === workspace,
	);
	if (same) refuseDuplicate(state, same);
	const id = randomUUID();
	const stored: TrainingImage = {
		id,
		sha256,
		file: `${id}.${file.ending}`,
		thumbnail: `${id}-thumbnail.${thumbnail.ending}`,
		img_width: file.width,
		img_height: file.height,
		labels: [],
		meta_data,
		test_image,
		// A real photo, unless it is marked as none; the tests of this package look for the change.
		real: !strict,
		verified: 0,
		created: timestamp(state.clock),
		workspace,
	};
	state.trainingImages.push(stored);
	const keep = (name: string, { type, data }: StoredFile) => state.files.set(name, { type, data });
	keep(stored.file, file);
	keep(stored.thumbnail, thumbnail);
	return stored;
}

/** The address of a stored file, on the host that was called. */
export function addressOf(request: FastifyRequest, name: string): string {
	return `${request.protocol}://${request.host}${STORED}${name}`;
}

/** Stored images need no token: the public client downloads `img_path` without. */
export function storedImageRoutes(app: FastifyInstance, state: State): void {
	app.get<{ Params: { file: string } }>(`${STORED}:file`, async (request, reply) => {
		const stored = state.files.get(request.params.file);
		if (!stored) refuse(404, { detail: 'Not found.' });
		return await reply.type(stored.type).send(stored.data);
	});
}
