import { RECIPES, VARIANTS } from './recipes';
import { createWorld, operationsOfPackage } from './world';

jest.mock('n8n-workflow', () =>
	jest
		.requireActual<typeof import('./clock')>('./clock')
		.withVirtualSleep(jest.requireActual('n8n-workflow')),
);

/** Without any fault. */

const world = createWorld();

test('every operation has a recipe', async () => {
	const names = (await operationsOfPackage()).map(({ name }) => name);
	expect(Object.keys(RECIPES).sort()).toEqual([...names].sort());
});

test('every operation carries its recipe out, and the token goes nowhere else', async () => {
	const failures: unknown[] = [];
	for (const tested of await operationsOfPackage()) {
		const { error, items, leaks } = await world.run(tested, VARIANTS);
		const linked = new Set(items.map(({ pairedItem }) => (pairedItem as { item: number }).item));
		if (error || linked.size < 3 || leaks.length)
			failures.push([tested.name, error, items.length, leaks]);
	}
	expect(failures).toEqual([]);
});
