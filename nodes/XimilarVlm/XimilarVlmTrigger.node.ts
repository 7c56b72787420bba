import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import { ximilarApiTest } from '../shared/engine/credentialTest';
import { methodsOf } from '../shared/engine/methods';
import { propertiesOfFields } from '../shared/engine/node';
import { triggerFields } from './trigger/fields';
import { poll } from './trigger/poll';

const fields = triggerFields();

export class XimilarVlmTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Ximilar VLM Trigger',
		name: 'ximilarVlmTrigger',
		icon: { light: 'file:../../icons/ximilar.svg', dark: 'file:../../icons/ximilar.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ ({ done: "Request Done", failed: "Request Failed", finished: "Request Finished" })[$parameter["event"]] || $parameter["event"] }}',
		// n8n's panel shows the two VLM nodes as one entry, with this text.
		description:
			'Ask custom vision language models about images, train them, and start workflows with their answers',
		defaults: { name: 'Ximilar VLM Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ximilarApi', required: true, testedBy: 'ximilarApiTest' }],
		properties: propertiesOfFields(fields),
	};

	methods = { credentialTest: { ximilarApiTest }, ...methodsOf(Object.values(fields)) };

	poll = poll;
}
