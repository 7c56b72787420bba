import { analysis } from '../../shared/engine/analysis';
import { notice, requiredText } from '../../shared/engine/field';
import { withFieldsInFront } from '../../shared/engine/rows';
import { asObject } from '../../shared/api/json';
import { ocrGptRecordSchema } from '../../shared/api/schemas';
import { language, lines, textRow } from './text';

export const readGpt = analysis({
	name: 'Read with GPT',
	action: 'Read text in image with GPT',
	description:
		'Read the text in an image, and let ChatGPT answer a prompt about it. Returns the answer, with the fields of an answer in JSON, and the text.',
	fields: {
		gptNotice: notice(
			'The text that is read, and the prompt, are sent to ChatGPT. Needs the Business or Professional plan of Ximilar.',
		),
		prompt: requiredText({
			displayName: 'Prompt',
			typeOptions: { rows: 4 },
			placeholder: 'e.g. Return invoice number, date and total as JSON',
			description:
				'What ChatGPT should do with the text that was read; at most 1,000 tokens an image',
		}),
		language: language(),
	},
	options: { lines: lines() },
	path: 'ocr/v2/read_gpt',
	body: ({ language: lang }) => ({ lang }),
	record: ({ prompt }) => ({ prompt }),
	schema: ocrGptRecordSchema,
	simplify: (record, { options }) => {
		const { result, json_result } = record._gpt;
		const row = { result: result ?? '', ...textRow(record, options) };
		if (Array.isArray(json_result)) return { json_result, ...row };
		return withFieldsInFront(asObject(json_result), row, 'gpt');
	},
});
