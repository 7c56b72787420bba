import {
	NodeConnectionTypes,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { ximilarApiTest } from '../shared/engine/credentialTest';
import { listSearch, searchWorkspaces } from '../shared/engine/pickers';
import { triggerFields } from './trigger/fields';
import { poll } from './trigger/poll';

const propertiesOf = (fields: ReturnType<typeof triggerFields>): INodeProperties[] =>
	Object.entries(fields).map(([name, { property }]) => ({ ...property(), name }));

export class XimilarVlmTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Ximilar VLM Trigger',
		name: 'ximilarVlmTrigger',
		icon: { light: 'file:../../icons/ximilar.svg', dark: 'file:../../icons/ximilar.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["event"] }}',
		// n8n's panel shows the two VLM nodes as one entry, with this text.
		description:
			'Ask custom vision language models about images, train them, and start workflows with their answers',
		defaults: { name: 'Ximilar VLM Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ximilarApi', required: true, testedBy: 'ximilarApiTest' }],
		properties: propertiesOf(triggerFields()),
	};

	methods = {
		credentialTest: { ximilarApiTest },
		listSearch: { searchTasks: listSearch('vlm/v2/task/'), searchWorkspaces },
	};

	poll = poll;
}
