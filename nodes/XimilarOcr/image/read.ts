import { analysis } from '../../shared/engine/analysis';
import { ocrRecordSchema } from '../../shared/api/schemas';
import { language, textRow } from './text';

export const read = analysis({
	name: 'Read',
	action: 'Read text in image',
	description: 'Read the text in an image (OCR): the full text, and each line with its place',
	fields: { language: language() },
	options: {},
	path: 'ocr/v2/read',
	body: ({ language: lang }) => ({ lang }),
	schema: ocrRecordSchema,
	simplify: textRow,
});
