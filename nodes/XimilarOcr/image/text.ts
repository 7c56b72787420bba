import type { IDataObject } from 'n8n-workflow';
import { choice } from '../../shared/engine/field';
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

/** What was read, as a spreadsheet row: the whole text, then its lines without their places. */
export function textRow(record: OcrRecord): IDataObject {
	const { full_text, texts, lang, lang_name } = record._ocr;
	return {
		text: full_text ?? '',
		lines: (texts ?? []).map(({ text, prob }) => ({ text, probability: prob })),
		language: lang_name ?? lang,
		width: record._width,
		height: record._height,
	};
}
