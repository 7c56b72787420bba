import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../tools/nodes';

/** The examples as a new user meets them on the canvas, judged by their files alone. */

interface Node {
	name: string;
	type: string;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: object;
}

interface Workflow {
	name: string;
	nodes: Node[];
	connections: Record<string, Record<string, Array<Array<{ node: string; index: number }> | null>>>;
	settings: { executionOrder?: string };
}

interface Box {
	name: string;
	left: number;
	top: number;
	right: number;
	bottom: number;
}

type Point = [x: number, y: number];

const folder = path.join(root, 'examples');
const examples = readdirSync(folder).map((file): [string, Workflow] => [
	path.basename(file, '.json'),
	JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Workflow,
]);

/** A node's square on n8n's canvas, and the two lines of text below it. */
const NODE = 96;
const TEXT = { width: 192, height: 56 };
/** A node with sub-nodes, such as an AI Agent, is wider; one with more than two outputs is higher. */
const AGENT = 256;
const PORT = 32;
/** The button to add a node, at an output that leads nowhere. */
const PLUS = 80;

const isNote = ({ type }: Node) => type === 'n8n-nodes-base.stickyNote';
const notesOf = ({ nodes }: Workflow) => nodes.filter(isNote);
const stepsOf = ({ nodes }: Workflow) => nodes.filter((node) => !isNote(node));
const contentOf = ({ parameters }: Node) => parameters.content as string;

const isAgent = ({ type }: Node) => type.endsWith('.agent');

/** Whether a node hangs below an agent, and has its connection at its top. */
const isPart = ({ name }: Node, { connections }: Workflow) =>
	Object.keys(connections[name] ?? {}).some((type) => type !== 'main');

const outputsOf = ({ name }: Node, { connections }: Workflow) =>
	connections[name]?.main?.length ?? 1;

const squareOf = (node: Node, workflow: Workflow): Box => {
	const [left, top] = node.position;
	const right = left + (isAgent(node) ? AGENT : NODE);
	const bottom = top + NODE + PORT * Math.max(0, outputsOf(node, workflow) - 2);
	return { name: node.name, left, top, right, bottom };
};

/** Everything that a node or note covers. */
const boxOf = (node: Node, workflow: Workflow): Box => {
	const [left, top] = node.position;
	if (isNote(node)) {
		const { width, height } = node.parameters as { width: number; height: number };
		return { name: node.name, left, top, right: left + width, bottom: top + height };
	}
	const square = squareOf(node, workflow);
	if (isAgent(node)) return square;
	const beside = (TEXT.width - NODE) / 2;
	const targets = workflow.connections[node.name]?.main ?? [];
	const leadsOn =
		isPart(node, workflow) || (targets.length > 0 && targets.every((to) => to?.length));
	return {
		...square,
		left: left - beside,
		right: square.right + (leadsOn ? beside : PLUS),
		bottom: square.bottom + TEXT.height,
	};
};

const overlap = (a: Box, b: Box) =>
	a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Points along the way that n8n's canvas draws a wire: a curve forwards, a detour below backwards. */
function wire([x0, y0]: Point, [x1, y1]: Point): Point[] {
	const steps = Array.from({ length: 101 }, (_, step) => step / 100);
	if (x0 - 20 > x1) {
		const below = y0 + 130;
		const corners: Point[] = [
			[x0, y0],
			[x0 + 40, y0],
			[x0 + 40, below],
			[x1 - 40, below],
			[x1 - 40, y1],
			[x1, y1],
		];
		return corners.slice(1).flatMap(([x, y], at) => {
			const [fromX, fromY] = corners[at]!;
			return steps.map((t): Point => [fromX + t * (x - fromX), fromY + t * (y - fromY)]);
		});
	}
	const middle = (x0 + x1) / 2;
	const curve = (t: number, a: number, b: number, c: number, d: number) =>
		(1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t ** 2 * (1 - t) * c + t ** 3 * d;
	return steps.map((t) => [curve(t, x0, middle, middle, x1), curve(t, y0, y0, y1, y1)]);
}

function wiresOf(workflow: Workflow): Array<{ from: string; to: string; points: Point[] }> {
	const ends = Object.entries(workflow.connections).flatMap(([from, { main = [] }]) =>
		main.flatMap((targets, output) => (targets ?? []).map((to) => ({ from, output, to }))),
	);
	const find = (name: string) => stepsOf(workflow).find((node) => node.name === name)!;
	const inputs = (name: string) =>
		1 + Math.max(...ends.filter(({ to }) => to.node === name).map(({ to }) => to.index));
	return ends.map(({ from, output, to }) => {
		const sourceNode = find(from);
		const [source, target] = [squareOf(sourceNode, workflow), squareOf(find(to.node), workflow)];
		const step = (source.bottom - source.top) / (outputsOf(sourceNode, workflow) + 1);
		const start: Point = [source.right, source.top + step * (output + 1)];
		const end: Point = [target.left, target.top + (NODE * (to.index + 1)) / (inputs(to.node) + 1)];
		return { from, to: to.node, points: wire(start, end) };
	});
}

/** What a user has to look at: a credential to choose, a list to choose from, a value of an example. */
function isToSet({ type, parameters }: Node): boolean {
	const needsCredential =
		/ximilar|emailSend|emailReadImap|gmail|googleSheets|googleDrive|lmChat/i.test(type);
	const text = JSON.stringify(parameters);
	return needsCredential || /\/home\/node\/|example\.com|"mode":"list","value":""/.test(text);
}

/** All fields in which one thing is picked, also those within collections. */
function locatorsIn(value: unknown): Array<{ mode: string; value: string }> {
	if (typeof value !== 'object' || value === null) return [];
	if ('__rl' in value) return [value as unknown as { mode: string; value: string }];
	return Object.values(value).flatMap(locatorsIn);
}

describe.each(examples)('%s', (_, workflow) => {
	it('carries no credential and no ID: n8n shows what is to be chosen', () => {
		expect(workflow.nodes.filter((node) => 'credentials' in node)).toEqual([]);
		expect(JSON.stringify(workflow)).not.toMatch(/0000-0000/);
		for (const { mode, value } of workflow.nodes.flatMap(({ parameters }) =>
			locatorsIn(parameters),
		)) {
			// A locator is empty, or an expression that takes what an earlier node gave.
			if (mode === 'list') expect(value).toBe('');
			else expect(value).toMatch(/^=/);
		}
	});

	it('covers no node or note by another', () => {
		const boxes = workflow.nodes.map((node) => boxOf(node, workflow));
		const covered = boxes.flatMap((one, at) =>
			boxes.slice(at + 1).flatMap((other) => (overlap(one, other) ? [[one.name, other.name]] : [])),
		);
		expect(covered).toEqual([]);
	});

	it('runs no wire behind a node or note', () => {
		const behind = wiresOf(workflow).flatMap(({ from, to, points }) =>
			workflow.nodes
				.filter(({ name }) => name !== from && name !== to)
				.filter((node) => {
					const box = isNote(node) ? boxOf(node, workflow) : squareOf(node, workflow);
					return points.some(
						([x, y]) =>
							x > box.left - 8 && x < box.right + 8 && y > box.top - 8 && y < box.bottom + 8,
					);
				})
				.map(({ name }) => `${from} → ${to}, behind ${name}`),
		);
		expect(behind).toEqual([]);
	});

	it('says what to set, and in which node', () => {
		const [first] = notesOf(workflow);
		const steps = contentOf(first!)
			.split('\n')
			.filter((line) => /^\d\. /.test(line));
		const named = new Set(
			steps.flatMap((line) => [...line.matchAll(/\*\*(.+?)\*\*/g)].map(([, name]) => name)),
		);
		const toSet = stepsOf(workflow)
			.filter(isToSet)
			.map(({ name }) => name);
		expect(toSet.filter((name) => !named.has(name))).toEqual([]);
	});

	it('names only nodes that are there, or buttons of n8n', () => {
		const names = stepsOf(workflow).map(({ name }) => name);
		const known = [...names, 'Publish', 'Active', 'Ximilar VLM Trigger'];
		const named = notesOf(workflow).flatMap((note) =>
			[...contentOf(note).matchAll(/\*\*(.+?)\*\*/g)].map(([, name]) => name),
		);
		expect(named.filter((name) => !known.includes(name!))).toEqual([]);
	});

	it('tells how to switch it on in n8n 2 and in n8n 1, where it starts by itself', () => {
		const startsItself = stepsOf(workflow).some(
			({ type }) => /trigger|emailReadImap/i.test(type) && !type.endsWith('manualTrigger'),
		);
		const text = contentOf(notesOf(workflow)[0]!);
		expect([/\*\*Publish\*\*/.test(text), /\*\*Active\*\*/.test(text)]).toEqual([
			startsItself,
			startsItself,
		]);
	});

	it('has a coloured note over each section, where it is long', () => {
		const [, ...sections] = notesOf(workflow);
		for (const section of sections) {
			expect(section.parameters.color).toBeGreaterThan(1);
			expect(contentOf(section).length).toBeLessThan(160);
		}
		if (stepsOf(workflow).length > 8) expect(sections.length).toBeGreaterThan(1);
	});

	it('runs in the order that tools need, and has names that tell the nodes apart', () => {
		expect(workflow.settings.executionOrder).toBe('v1');
		const names = workflow.nodes.map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		expect(stepsOf(workflow).filter((node) => isPart(node, workflow) && isAgent(node))).toEqual([]);
	});
});
