import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import {
	executorOf,
	methodsOfNode,
	propertiesOf,
	subtitleOf,
	type Resources,
} from '../shared/engine/node';
import { image } from './image';
import { label } from './label';
import { task } from './task';
import { trainingImage } from './trainingImage';

const resources: Resources = { image, label, task, trainingImage };

export class XimilarRecognition implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Ximilar Recognition',
		name: 'ximilarRecognition',
		icon: { light: 'file:../../icons/ximilar.svg', dark: 'file:../../icons/ximilar.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description: 'Recognize what images show with your own trained tasks',
		defaults: { name: 'Ximilar Recognition' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ximilarApi', required: true, testedBy: 'ximilarApiTest' }],
		properties: propertiesOf(resources),
	};

	methods = methodsOfNode(resources);

	execute = executorOf(resources);
}
