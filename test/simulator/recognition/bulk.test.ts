/** Changes to many training images at once. */
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import { addLabel, ask, create, IMAGES, LABELS, UNKNOWN, upload } from './helpers';

const simulator = runSimulator();
const get = async (id: string) => (await call(simulator, `${IMAGES}${id}/`)).body;

describe('many at once', () => {
	let [one, two, three]: string[] = [];
	let [red, big]: string[] = [];
	const update = async (body: object) => await ask(simulator, `${IMAGES}update`, { body });
	const labelsOf = async (id: string) =>
		(await get(id)).labels.map(({ name }: { name: string }) => name);

	beforeEach(async () => {
		[one, two, three] = [
			await upload(simulator, 1),
			await upload(simulator, 2),
			await upload(simulator, 3),
		];
		[red, big] = [await create(simulator, LABELS, 'red'), await create(simulator, LABELS, 'big')];
		await addLabel(simulator, `${IMAGES}${one}`, red!);
		await addLabel(simulator, `${IMAGES}${two}`, red!);
	});

	it('are chosen by ID', async () => {
		const body = {
			images: [one, three],
			labels: [],
			'labels-add': [big],
			'labels-remove': [red],
			'mark-test': true,
			'mark-real': true,
		};
		expect(await update(body)).toEqual([200, { count: 2 }]);
		expect([await labelsOf(one!), await labelsOf(two!), await labelsOf(three!)]).toEqual([
			['big'],
			['red'],
			['big'],
		]);
		expect(await get(three!)).toMatchObject({ test_image: true, real: true });
		expect(await get(two!)).toMatchObject({ test_image: false, real: false });
		await update({ images: [three], 'unmark-real': true, 'mark-test': false });
		expect(await get(three!)).toMatchObject({ test_image: true, real: false });
		await update({ images: [one], 'unmark-test': true });
		expect(await get(one!)).toMatchObject({ test_image: false, real: true });
	});

	it('are chosen by label, or by both', async () => {
		expect(await update({ labels: [red], 'labels-add': [big, red] })).toEqual([200, { count: 2 }]);
		expect(await labelsOf(one!)).toEqual(['red', 'big']);
		expect(await labelsOf(three!)).toEqual([]);
		const both = { images: [two, three], labels: [red], 'mark-test': true };
		expect(await update(both)).toEqual([200, { count: 1 }]);
		expect(await get(two!)).toMatchObject({ test_image: true });
		expect(await get(three!)).toMatchObject({ test_image: false });
	});

	it('are none of another workspace', async () => {
		const workspace = IDS.secondWorkspace;
		expect(await update({ images: [one], workspace })).toEqual([
			404,
			{ images: [`${one} was not found.`] },
		]);
		const there = await upload(simulator, 1, { workspace });
		expect(await update({ images: [there], workspace, 'mark-test': true })).toEqual([
			200,
			{ count: 1 },
		]);
	});

	it('stay as they are when anything is wrong', async () => {
		const mark = { 'mark-test': true, images: [one] };
		const refused: Array<[body: object, status: number, field: string]> = [
			[{ 'mark-test': true }, 400, 'detail'],
			[{ 'mark-test': true, images: [], labels: [] }, 400, 'detail'],
			[{ ...mark, images: [one, UNKNOWN] }, 404, 'images'],
			[{ ...mark, images: one }, 400, 'images'],
			[{ ...mark, images: ['x'] }, 400, 'images'],
			[{ ...mark, labels: [UNKNOWN] }, 404, 'labels'],
			[{ ...mark, 'labels-add': [UNKNOWN] }, 404, 'labels-add'],
			[{ ...mark, 'labels-remove': [UNKNOWN] }, 404, 'labels-remove'],
			[{ ...mark, 'unmark-test': true }, 400, 'detail'],
			[{ ...mark, 'mark-real': 1 }, 400, 'mark-real'],
			[{ ...mark, labels_add: [red] }, 400, 'labels_add'],
		];
		for (const [body, status, field] of refused) {
			const [actual, answer] = await update(body);
			expect([body, actual, Object.keys(answer)]).toEqual([body, status, [field]]);
		}
		expect(await get(one!)).toMatchObject({ test_image: false, labels: [{ name: 'red' }] });
	});
});
