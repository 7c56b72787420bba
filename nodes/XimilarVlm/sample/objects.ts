import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';
import { path } from '../../shared/api/address';
import type { Api } from '../../shared/api/client';
import { sampleObjectSchema } from '../../shared/api/schemas';

/** The detection objects of a sample: GET sample/ID/sample-objects/ (seed 003), a plain list. */
export async function objectsOfSample(api: Api, sample: string) {
	return await api.get(path`vlm/v2/sample/${sample}/sample-objects/`, z.array(sampleObjectSchema));
}

/** A detection object of a sample as a spreadsheet row. */
export function objectRow(object: IDataObject): IDataObject {
	return {
		detection_object_id: object.detection_object_id,
		label_name: object.label_name,
		bbox: object.bbox,
		order: object.order,
		text: object.text,
		image_id: object.image_id,
		image_url: object.image_url,
		thumb_url: object.thumb_url,
	};
}
