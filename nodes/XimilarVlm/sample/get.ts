import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { entitySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { sampleRow } from './row';

export const get = operation({
	name: 'Get',
	action: 'Get sample',
	description: 'Get a sample: its type, its metadata, and how many images and values it has',
	fields: { ...sampleFields(), options: workspaceOption() },
	simplify: sampleRow,
	run: async ({ api }, { sample, options }) =>
		await inWorkspace(api, options.workspace).get(path`vlm/v2/sample/${sample}/`, entitySchema),
});
