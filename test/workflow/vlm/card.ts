import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { files, type Job, type Outcome } from '../workflow';
import { inDataset } from './service';
import { run } from './vlm';

/** A trading card as a sample: its item, its files, and the operation Create on it. */

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

/** The ID that the service gives to the first sample. */
export const SAMPLE_1 = '5a000000-0000-4000-8000-000000000001';

export const imageFile = (name: string) => ({
	name: `${name}.png`,
	bytes: Buffer.concat([PNG, Buffer.from(name)]),
});

/** An item with an image for each name. */
export const cardItem = (names: string[], json: IDataObject = {}): INodeExecutionData => ({
	json,
	binary: files(Object.fromEntries(names.map((name, at) => [`image_${at}`, imageFile(name)]))),
});

/** Sample » Create for a card with a front and a back, unless it is told otherwise. */
export async function createCard(
	parameters: IDataObject = {},
	job: Partial<Job> = {},
): Promise<Outcome> {
	return await run(
		'sample',
		'create',
		{
			...inDataset,
			name: 'Card 1',
			binaryPropertyName: 'image_*',
			valueSource: 'json',
			valuesJson: '{"grade": 8.5, "explain": "Sharp"}',
			...parameters,
		},
		{ items: [cardItem(['front', 'back'])], ...job },
	);
}
