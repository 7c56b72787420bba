import { analysis } from '../../shared/engine/analysis';
import { ocrRecordSchema } from '../../shared/api/schemas';
import { language, lines, textRow } from './text';

export const read = analysis({
	name: 'Read',
	action: 'Read text in image',
	description: 'Read the text in an image (OCR). Returns it as one text, with its language.',
	fields: { language: language() },
	options: { lines: lines() },
	path: 'ocr/v2/read',
	body: ({ language: lang }) => ({ lang }),
	schema: ocrRecordSchema,
	simplify: (record, { options }) => textRow(record, options),
});
