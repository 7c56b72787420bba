import type { IDataObject } from 'n8n-workflow';
import { boolean, choice } from '../../shared/engine/field';
import type { OcrRecord } from '../../shared/api/schemas';

/** The languages of the OCR seed. */
export const language = () =>
	choice(
		{
			displayName: 'Language',
			default: 'en',
			description: 'The language of the text in the images',
		},
		[
			{ name: 'Chinese', value: 'zh' },
			{ name: 'English', value: 'en' },
			{ name: 'Japanese', value: 'ja' },
			{ name: 'Korean', value: 'ko' },
			{ name: 'Russian', value: 'ru' },
		],
	);

/** The option that adds the lines one by one: in every row, they would make a table tall. */
export const lines = () =>
	boolean({
		displayName: 'Add Lines',
		description:
			'Whether to add each line of the text with its probability. With Simplify off, the lines are always there, with their places in the image.',
	});

/** What was read, as a spreadsheet row: the whole text, and its lines if they are wanted. */
export function textRow(record: OcrRecord, options: { lines?: boolean }): IDataObject {
	const { full_text, texts, lang, lang_name } = record._ocr;
	return {
		text: full_text ?? '',
		...(options.lines && {
			lines: (texts ?? []).map(({ text, prob }) => ({ text, probability: prob })),
		}),
		language: lang_name ?? lang,
		width: record._width,
		height: record._height,
	};
}
