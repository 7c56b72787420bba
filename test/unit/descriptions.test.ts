import { NodeHelpers, Workflow, type INodeParameters, type INodeTypes } from 'n8n-workflow';
import { nodesOfPackage } from '../../tools/nodes';

/** What the editor makes of the nodes' descriptions. */

const { displayParameter } = NodeHelpers;

/** The subtitle that the canvas shows below each node, by its expression. */
async function subtitles(): Promise<Record<string, string[]>> {
	const found: Record<string, string[]> = {};
	for (const { node } of await nodesOfPackage()) {
		const { description } = node;
		const nodeTypes = { getByNameAndVersion: () => node } as unknown as INodeTypes;
		const show = (parameters: INodeParameters) => {
			const shown = { id: '1', name: 'Node', type: description.name, typeVersion: 1 };
			const tested = { ...shown, position: [0, 0] as [number, number], parameters };
			const workflow = new Workflow({ nodes: [tested], connections: {}, active: false, nodeTypes });
			const value = workflow.expression.getSimpleParameterValue(
				workflow.getNode('Node')!,
				description.subtitle,
				'internal',
				{},
			);
			return String(value);
		};
		const operations = description.properties.filter(({ name }) => name === 'operation');
		found[description.name] = operations.length
			? operations.flatMap(({ displayOptions, options }) => {
					const [resource] = displayOptions!.show!.resource as [string];
					return (options as Array<{ value: string }>).map(({ value: operation }) =>
						show({ resource, operation }),
					);
				})
			: [show({ event: 'finished' })];
	}
	return found;
}

test('subtitles are words', async () => {
	const found = await subtitles();
	expect(found).toMatchObject({
		ximilarAccount: ['Get', 'Get Workspaces'],
		ximilarOcr: ['Read', 'Read with GPT'],
		ximilarVlmTrigger: ['Request Finished'],
	});
	expect(found.ximilarRecognition).toContain('Get Many: Training Image');
	expect(found.ximilarVlm).toContain('Set Variable Values: Sample');
	const all = Object.values(found).flat();
	expect(
		all.filter(
			(text) => !/^[A-Z][A-Za-z]*( ([A-Z][A-Za-z]*|with|for)|: [A-Z][A-Za-z]*)*$/.test(text),
		),
	).toEqual([]);
});

test('Simplify stands before filters and options, which are last', async () => {
	for (const { node } of await nodesOfPackage()) {
		const shown = (parameters: INodeParameters) =>
			node.description.properties
				.filter((property) => displayParameter(parameters, property, null, node.description))
				.map(({ name }) => name);
		for (const property of node.description.properties.filter(({ name }) => name === 'operation')) {
			const [resource] = property.displayOptions!.show!.resource as [string];
			for (const { value: operation } of property.options as Array<{ value: string }>) {
				const names = shown({ resource, operation });
				const last = ['simplify', 'filters', 'options'].filter((name) => names.includes(name));
				expect([operation, names.slice(names.length - last.length)]).toEqual([operation, last]);
			}
		}
	}
});
