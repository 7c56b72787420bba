import { PollContext } from 'n8n-core';
import {
	Workflow,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type INode,
	type INodeParameters,
	type INodeTypes,
	type WorkflowActivateMode,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { XimilarVlmTrigger } from '../../nodes/XimilarVlm/XimilarVlmTrigger.node';
import { additionalDataWith } from './workflow';

interface How {
	/** Of a workflow that told something once it is remembered, by this. */
	id?: string;
	staticData?: IDataObject;
	mode?: WorkflowExecuteMode;
	activation?: WorkflowActivateMode;
	credential?: ICredentialDataDecryptedObject;
}

/** One activation of a workflow with the trigger in it, in n8n-core's own polling context. */
export function activate(
	parameters: INodeParameters = {},
	{ id = 'test', staticData = {}, mode = 'trigger', activation = 'activate', credential }: How = {},
) {
	const type = new XimilarVlmTrigger();
	const node: INode = {
		id: '1',
		name: 'Trigger',
		type: 'ximilarVlmTrigger',
		typeVersion: 1,
		position: [0, 0],
		parameters: { pollTimes: { item: [{ mode: 'everyMinute' }] }, ...parameters },
		credentials: { ximilarApi: { id: '1', name: 'Ximilar' } },
	};
	const nodeTypes = {
		getByName: () => type,
		getByNameAndVersion: () => type,
		getKnownTypes: () => ({}),
	} as unknown as INodeTypes;
	const workflow = new Workflow({
		id,
		active: true,
		nodes: [node],
		connections: {},
		nodeTypes,
		staticData,
	});
	const context = new PollContext(workflow, node, additionalDataWith(credential), mode, activation);
	return {
		workflow,
		context,
		poll: async () => await type.poll.call(context),
		json: async () => (await type.poll.call(context))?.[0]!.map(({ json }) => json) ?? null,
		/** As n8n saves it. */
		saved: () => JSON.parse(JSON.stringify(workflow.staticData)) as IDataObject,
	};
}
