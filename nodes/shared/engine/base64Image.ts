import { base64OfBytes, base64OfText, isBase64 } from '../api/body';
import { fail } from '../api/error';
import { isAnimated, mediaTypeOf, takenFormat, type TakenFormat } from '../api/images';
import { checkSize, isAddress, type ImageInput, type LoadedFile } from './imageInput';

/** As much of a text as tells the format of the file, line breaks included. */
const HEAD = 8192;

/**
 * An image that a field of the item holds as base64, or as a data URL.
 * @param hint shows a hint beside the output
 */
export function base64Image(name: string, text: string, hint: (text: string) => void): ImageInput {
	let checked: { size: number; format: TakenFormat } | undefined;
	const check = () => {
		if (checked) return checked;
		const { size, head } = measured(text);
		checkSize(size);
		checked = { size, format: takenFormat(head) };
		return checked;
	};
	const loadFile = async (): Promise<LoadedFile> => {
		check();
		const bytes = Buffer.from(withoutPrefix(text), 'base64');
		const format = takenFormat(bytes);
		if (format === 'GIF' && isAnimated(bytes)) {
			hint(`"${name}" is an animated GIF: only its first frame is used.`);
		}
		return { bytes, mediaType: mediaTypeOf(format) };
	};
	const load = async () => {
		const { size, format } = check();
		const plain = withoutPrefix(text);
		// Line breaks and the letters of web addresses are not sent, and a GIF is looked at as a whole.
		if (format === 'GIF' || plain.length % 4 || /[^A-Za-z0-9+/=]/.test(plain)) {
			const { bytes, mediaType } = await loadFile();
			return { base64: base64OfBytes(bytes), mediaType };
		}
		return { base64: base64OfText(plain, size), mediaType: mediaTypeOf(format) };
	};
	return { name, check: async () => void check(), load, loadFile };
}

/** The type that a data URL names is not looked at: the bytes tell it. */
function withoutPrefix(text: string): string {
	return text.replace(/^\s*data:[^,]{0,200};base64,/i, '').trim();
}

/**
 * A base64 text as far as it tells without the whole file.
 * @throws XimilarError for a text that is no base64
 */
function measured(text: string): { size: number; head: Buffer } {
	const plain = withoutPrefix(text);
	if (!isBase64(plain)) {
		fail(
			'The text is not base64',
			isAddress(text)
				? 'It is an address: set Image Source to URL.'
				: 'Check the expression in Base64: it has to give the file as base64 text, or as a data URL.',
			{ kind: 'image' },
		);
	}
	const blanks = plain.match(/\s/g)?.length ?? 0;
	const padding = plain.endsWith('==') ? 2 : Number(plain.endsWith('='));
	const size = Math.floor(((plain.length - blanks - padding) * 3) / 4);
	return { size, head: Buffer.from(plain.slice(0, HEAD), 'base64') };
}
