import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import {
	executorOf,
	methodsOfNode,
	propertiesOf,
	subtitleOf,
	type Resources,
} from '../shared/engine/node';
import { account } from './account';

const resources: Resources = { account };

export class XimilarAccount implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Ximilar Account',
		name: 'ximilarAccount',
		icon: { light: 'file:../../icons/ximilar.svg', dark: 'file:../../icons/ximilar.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description: 'Get credits, workspaces and the owner of your Ximilar account',
		defaults: { name: 'Ximilar Account' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ximilarApi', required: true, testedBy: 'ximilarApiTest' }],
		properties: propertiesOf(resources),
	};

	methods = methodsOfNode(resources);

	execute = executorOf(resources);
}
