/** The images that a body brings, in whatever call, so that faults can be for one of them. */
import { createHash } from 'node:crypto';
import { isObject, type Json } from './fields';

export interface SentImages {
	/** Addresses. */
	urls: string[];
	/** SHA-256 of the files that came in the body. */
	hashes: string[];
}

const DATA_URL = /^data:[^,]{0,100};base64,/;

function hashOfBase64(text: string): string {
	const bytes = Buffer.from(text.slice(DATA_URL.exec(text)?.[0].length ?? 0), 'base64');
	return createHash('sha256').update(bytes).digest('hex');
}

/** The objects of a list that may be none. */
function objectsIn(list: unknown): Json[] {
	return Array.isArray(list) ? list.filter(isObject) : [];
}

/** Addresses and data URLs of a submission's messages. */
function urlsInMessages(request: unknown): string[] {
	const messages = objectsIn(isObject(request) ? request.messages : undefined);
	const parts = messages.flatMap(({ content }) => objectsIn(content));
	return parts.flatMap(({ image_url: image }) =>
		isObject(image) && typeof image.url === 'string' ? [image.url] : [],
	);
}

export async function imagesIn(body: unknown): Promise<SentImages> {
	const images: SentImages = { urls: [], hashes: [] };
	if (!isObject(body)) return images;
	const messages = urlsInMessages(body.request);
	const records = objectsIn(body.records);
	const texts = [body.base64, ...records.map(({ _base64 }) => _base64), ...messages];
	const urls = [...records.map(({ _url }) => _url), ...messages];
	const isData = (text: string) => DATA_URL.test(text);
	for (const text of urls) if (typeof text === 'string' && !isData(text)) images.urls.push(text);
	for (const text of texts) {
		const address = typeof text === 'string' && /^https?:/i.test(text);
		if (typeof text === 'string' && !address) images.hashes.push(hashOfBase64(text));
	}
	if (body.img_path instanceof File) {
		const bytes = Buffer.from(await body.img_path.arrayBuffer());
		images.hashes.push(createHash('sha256').update(bytes).digest('hex'));
	}
	return images;
}
