import type { IDataObject } from 'n8n-workflow';
import type { Base64 } from '../../shared/api/body';
import { fail } from '../../shared/api/error';
import { imageAddress, mediaTypeOf, takenFormat } from '../../shared/api/images';
import { isObject } from '../../shared/api/json';
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

const dataUrl = (bytes: Buffer) =>
	`data:${mediaTypeOf(takenFormat(bytes))};base64,${bytes.toString('base64')}`;

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
		const rest = isObject(image) ? image : {};
		return { ...part, image_url: { ...rest, url: checkedUrl(url.trim()) } };
	} catch (error) {
		throw aboutImage(`${position} in Messages`, error);
	}
}

function checkedUrl(url: string): string {
	if (!/^data:/i.test(url)) return imageAddress(url);
	const base64 = /^data:[^,]*;base64,([A-Za-z0-9+/\s]*={0,2}\s*)$/i.exec(url)?.[1];
	return base64 === undefined
		? fail(
				'Its data URL is not in base64',
				'Write it as data:image/png;base64,…, or use Image Source Binary.',
			)
		: dataUrl(Buffer.from(base64, 'base64'));
}
