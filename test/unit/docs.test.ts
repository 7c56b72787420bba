import { readFile } from 'node:fs/promises';
import { REFERENCE, reference } from '../../tools/docs';
import { nodesOfPackage } from '../../tools/nodes';
import { TROUBLESHOOTING, troubleshooting } from '../../tools/troubleshooting';

test('the reference is what the nodes say of themselves: run `npm run docs` otherwise', async () => {
	expect(await readFile(REFERENCE, 'utf8')).toBe(await reference());
});

test('so is what it tells when something goes wrong', async () => {
	expect(await readFile(TROUBLESHOOTING, 'utf8')).toBe(await troubleshooting());
});

test('each instance of a node has a description of its own, which n8n may change', async () => {
	const [first, second] = [await nodesOfPackage(), await nodesOfPackage()];
	const parts = (value: unknown, found = new Set<unknown>()): Set<unknown> => {
		if (typeof value !== 'object' || value === null || found.has(value)) return found;
		found.add(value);
		for (const inner of Object.values(value)) parts(inner, found);
		return found;
	};
	for (const [at, { node, className }] of first.entries()) {
		const own = parts(node.description);
		const shared = [...parts(second[at]!.node.description)].filter((part) => own.has(part));
		expect([className, shared]).toEqual([className, []]);
	}
});
