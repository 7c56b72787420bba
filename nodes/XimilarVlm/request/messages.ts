import type { IDataObject } from 'n8n-workflow';
import { Base64, base64OfBytes, isBase64 } from '../../shared/api/body';
import { fail } from '../../shared/api/error';
import { describeImage, imageAddress, mediaTypeOf, takenFormat } from '../../shared/api/images';
import { asObject, isObject } from '../../shared/api/json';
import { aboutImage, type ImageInput } from '../../shared/engine/imageInput';

/**
 * The payload of a request: messages in OpenAI's chat format (seed 003, "Submit Request"). Each
 * checks its images before anything is sent, because a refused request may be billed.
 */

const MAX_IMAGES = 10;

function checkCount(images: unknown[]): void {
	if (images.length >= 1 && images.length <= MAX_IMAGES) return;
	fail(
		images.length
			? `There are ${images.length} images for one request`
			: 'There is no image for the request',
		`A request takes 1 to ${MAX_IMAGES} images. Nothing was sent, and no credit was used.`,
	);
}

/** An image as it stands in a message: binary goes as a data URL. */
const imagePart = (url: string | Base64) => ({
	type: 'image_url',
	image_url: { url: url as string },
});

const dataUrl = (bytes: Buffer) => base64OfBytes(bytes).asDataUrl(mediaTypeOf(takenFormat(bytes)));

/**
 * What can be told of images before anything is loaded.
 * @throws XimilarError for too many or too few, and for one that is bound to be refused
 */
export async function checkImages(images: ImageInput[]): Promise<void> {
	checkCount(images);
	for (const { name, check } of images) {
		await check().catch((error: unknown) => {
			throw aboutImage(name, error);
		});
	}
}

/** The images that stand in messages, in their order: addresses, and bytes that are not sent yet. */
export function imagesIn(messages: unknown): Array<string | Base64> {
	const contents = Array.isArray(messages)
		? messages.map((one) => (isObject(one) ? one.content : []))
		: [];
	return contents.flat().flatMap((part) => {
		const image = isObject(part) ? part.image_url : undefined;
		const url = (isObject(image) ? image.url : image) as unknown;
		return typeof url === 'string' || url instanceof Base64 ? [url] : [];
	});
}

/** An image of {@link imagesIn} as it stands in what is put out. */
export function describePart(image: string | Base64): string {
	if (typeof image === 'string') return image;
	const [, type = ''] = /^data:image\/(\w+)/.exec(image.prefix) ?? [];
	return describeImage(type.toUpperCase(), image.size);
}

/** Messages with images in their order, and text where there is any. */
export async function messagesOf(
	images: ImageInput[],
	{ instruction, systemText }: { instruction?: string; systemText?: string },
): Promise<IDataObject[]> {
	checkCount(images);
	const parts: IDataObject[] = [];
	for (const { name, load } of images) {
		try {
			const image = await load();
			parts.push(imagePart('url' in image ? image.url : image.base64.asDataUrl(image.mediaType)));
		} catch (error) {
			throw aboutImage(name, error);
		}
	}
	const text = instruction?.trim() ? [{ type: 'text', text: instruction }] : [];
	return [...systemMessage(systemText), { role: 'user', content: [...text, ...parts] }];
}

const systemMessage = (text: string | undefined): IDataObject[] =>
	text?.trim() ? [{ role: 'system', content: text }] : [];

/**
 * Messages that the user wrote, with the same checks, behind the system text where there is one.
 * Data URLs get the type that their bytes have.
 */
export function checkedMessages(
	given: unknown[],
	{ systemText }: { systemText?: string },
): IDataObject[] {
	const system = systemMessage(systemText);
	const images: unknown[] = [];
	const messages = given.map((message, index) => {
		if (!isObject(message) || typeof message.role !== 'string') {
			fail(
				`Messages: entry ${index + 1} is not a message`,
				'A message is an object with role and content, e.g. {"role": "user", "content": […]}.',
			);
		}
		const { content } = message;
		if (!Array.isArray(content)) return message;
		const parts = (content as unknown[]).map((part) => {
			if (!isObject(part) || part.type !== 'image_url') return part;
			images.push(part);
			return checkedImage(part, images.length);
		});
		return { ...message, content: parts as IDataObject[] };
	});
	checkCount(images);
	if (system.length && messages.some(({ role }) => role === 'system')) {
		fail(
			'System Text is given twice: in the options, and as a message of the role system',
			'Remove one of them. Nothing was sent, and no credit was used.',
		);
	}
	return [...system, ...messages];
}

function checkedImage(part: IDataObject, position: number): IDataObject {
	const { image_url: image } = part;
	const url = isObject(image) ? image.url : image;
	try {
		if (typeof url !== 'string' || !url.trim()) {
			fail(
				'It has no address',
				'It needs one in image_url.url: an http or https address, or a data URL.',
			);
		}
		const rest = asObject(image);
		return { ...part, image_url: { ...rest, url: checkedUrl(url.trim()) as string } };
	} catch (error) {
		throw aboutImage(`${position} in Messages`, error);
	}
}

function checkedUrl(url: string): string | Base64 {
	if (!/^data:/i.test(url)) return imageAddress(url);
	const [prefix] = /^data:[^,]{0,200};base64,/i.exec(url) ?? [];
	const base64 = prefix && url.slice(prefix.length);
	return !base64 || !isBase64(base64)
		? fail(
				'Its data URL is not in base64',
				'Write it as data:image/png;base64,…, or use Image Source Binary.',
			)
		: dataUrl(Buffer.from(base64, 'base64'));
}
