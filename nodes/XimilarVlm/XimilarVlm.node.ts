import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import {
	executorOf,
	methodsOfNode,
	propertiesOf,
	subtitleOf,
	type Resources,
} from '../shared/engine/node';
import { dataset } from './dataset';
import { prompt } from './prompt';
import { request } from './request';
import { sample } from './sample';
import { task } from './task';
import { variable } from './variable';

const resources: Resources = { dataset, prompt, request, sample, task, variable };

export class XimilarVlm implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Ximilar VLM',
		name: 'ximilarVlm',
		icon: { light: 'file:../../icons/ximilar.svg', dark: 'file:../../icons/ximilar.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description:
			'Ask custom vision language models about images, and train them with your own samples',
		defaults: { name: 'Ximilar VLM' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ximilarApi', required: true, testedBy: 'ximilarApiTest' }],
		properties: propertiesOf(resources),
	};

	methods = methodsOfNode(resources);

	execute = executorOf(resources);
}
