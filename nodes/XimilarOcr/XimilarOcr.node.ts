import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import {
	executorOf,
	methodsOfNode,
	propertiesOf,
	subtitleOf,
	type Resources,
} from '../shared/engine/node';
import { image } from './image';

const resources: Resources = { image };

export class XimilarOcr implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Ximilar OCR',
		name: 'ximilarOcr',
		icon: { light: 'file:../../icons/ximilar.svg', dark: 'file:../../icons/ximilar.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description: 'Read text in images, and let GPT extract what you need from it',
		defaults: { name: 'Ximilar OCR' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ximilarApi', required: true, testedBy: 'ximilarApiTest' }],
		properties: propertiesOf(resources),
	};

	methods = methodsOfNode(resources);

	execute = executorOf(resources);
}
