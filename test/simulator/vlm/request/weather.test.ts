/** Bad weather that stays: pages, details and lists that fail until told otherwise, times that are missing. */
import { type Answer, call } from '../../caller';
import type { FaultInput } from '../../faults';
import { VLM_IDS } from '../ids';
import { REQUESTS, runRequests } from './caller';

const { simulator, submitted, detail, pass } = runRequests();
const { control } = simulator;
const HISTORY = `${REQUESTS}history/`;

function addRequests(count: number): string[] {
	const start = Date.UTC(2026, 0, 14);
	const inputs = Array.from({ length: count }, (_, index) => ({
		completed_at: start - index * 1000,
	}));
	return control.vlm.addRequests(...inputs).map(({ id }) => id);
}

/** The status of each page of a walk, which ends at the first that fails. */
async function walk(path: string): Promise<number[]> {
	const seen: number[] = [];
	let next: string | null = path;
	while (next) {
		const { status, body }: Answer = await call(simulator, next);
		seen.push(status);
		next = status === 200 ? body.next : null;
	}
	return seen;
}

/** A fault that stays until it is cleared. */
function stays(match: FaultInput['match']): void {
	control.addFaults({ match, times: 'always', answer: { status: 502, body: 'Bad gateway' } });
}

describe('what fails until told otherwise', () => {
	it.each([HISTORY, REQUESTS])('may be a page of %s', async (path) => {
		addRequests(6);
		stays({ route: path, page: 3 });
		for (let round = 0; round < 2; round++) {
			expect(await walk(`${path}?page_size=2`)).toEqual([200, 200, 502]);
		}
		expect(await walk(`${path}?page_size=3`)).toEqual([200, 200]);
		control.clearFaults();
		expect(await walk(`${path}?page_size=2`)).toEqual([200, 200, 200]);
	});

	it('may be whatever page a certain request is on', async () => {
		const ids = addRequests(6);
		stays({ route: HISTORY, answer: ids[3] });
		expect(await walk(`${HISTORY}?page_size=2`)).toEqual([200, 502]);
		control.vlm.addRequests({}, {});
		expect(await walk(`${HISTORY}?page_size=2`)).toEqual([200, 200, 502]);
		expect(await walk(`${REQUESTS}?page_size=2`)).toEqual([200, 200, 200, 200]);
	});

	it('may be the detail of a request', async () => {
		const [bad, good] = addRequests(2);
		stays({ path: `/request/${bad}/`, route: `${REQUESTS}:id/` });
		const status = async (path: string) => (await call(simulator, `${REQUESTS}${path}`)).status;
		for (let round = 0; round < 2; round++) {
			expect(await status(`${bad}/`)).toBe(502);
			expect(await status(`${bad}/status/`)).toBe(200);
			expect(await status(`${good}/`)).toBe(200);
			expect(await status('history/')).toBe(200);
		}
	});

	it('may be a whole list, while another flows', async () => {
		control.vlm.addRequests({ status: 'FAILED' }, {});
		stays({ route: REQUESTS, query: { status: 'FAILED' } });
		for (let round = 0; round < 2; round++) {
			expect(await walk(`${REQUESTS}?status=FAILED`)).toEqual([502]);
			expect(await walk(`${REQUESTS}?status=FAILED&task_id=${VLM_IDS.task}`)).toEqual([502]);
			expect(await walk(`${REQUESTS}?status=NOT_SUPPORTED`)).toEqual([200]);
			expect(await walk(HISTORY)).toEqual([200]);
		}
		control.clearFaults();
		stays({ route: REQUESTS, query: { status: null } });
		expect(await walk(REQUESTS)).toEqual([502]);
		expect(await walk(`${REQUESTS}?status=FAILED`)).toEqual([200]);
	});
});

describe('a request without completed_at', () => {
	const shown = async (id: string, list: string) =>
		(await call(simulator, list)).body.results.find((one: { id: string }) => one.id === id);

	it('is finished everywhere all the same', async () => {
		const [hidden, usual] = control.vlm.addRequests({ completed_at: null }, {});
		for (const list of [HISTORY, REQUESTS]) {
			expect(await shown(hidden!.id, list)).toMatchObject({ status: 'DONE', completed_at: null });
			expect((await shown(usual!.id, list)).completed_at).toEqual(expect.any(String));
		}
		expect(await detail(hidden!.id)).toMatchObject({ status: 'DONE', completed_at: null });
	});

	it('is one for which a rule says so', async () => {
		control.vlm.addRules({ times: 1, status: 'FAILED', hidesCompletion: true });
		const [hidden, usual] = [await submitted(), await submitted()];
		pass(1000);
		expect(await shown(hidden, REQUESTS)).toMatchObject({ status: 'FAILED', completed_at: null });
		expect((await detail(hidden)).completed_at).toBeNull();
		expect((await detail(usual)).completed_at).toEqual(expect.any(String));
	});

	it('is forgotten in time like any other', async () => {
		const [hidden] = control.vlm.addRequests({ completed_at: null });
		pass(15 * 24 * 60 * 60 * 1000);
		expect((await call(simulator, `${REQUESTS}${hidden!.id}/`)).status).toBe(404);
	});
});
