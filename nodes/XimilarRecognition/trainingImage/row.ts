import type { IDataObject } from 'n8n-workflow';
import { labelNames } from '../labels';

/** A training image as a spreadsheet row. */
export function imageRow(image: IDataObject): IDataObject {
	return {
		id: image.id,
		labels: labelNames(image),
		test: image.test_image,
		real: image.real,
		verifications: image.verifyCount ?? image.verified,
		metadata: image.meta_data,
		width: image.img_width,
		height: image.img_height,
		url: image.img_path,
		thumbnail_url: image.thumb_img_path,
		workspace: image.workspace,
	};
}
