import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { waitForAll, type WaitingItem } from '../../../nodes/XimilarVlm/request/waiting';
import { virtualClock } from './clock';
import { itemsOf } from './items';
import { always, many, service, type Life } from './service';

/**
 * How many calls the wait makes, measured in virtual time and kept in docs/reliability.md. After a
 * change: UPDATE_DOCS=1 npx jest test/unit/wait/calls
 */

const FILE = path.join(__dirname, '../../../docs/reliability.md');
const PLACE = /(<!-- calls of the wait -->\n)[\s\S]*?(<!-- end -->)/;

const MINUTE = 60_000;

interface Case {
	/** What the requests are like. */
	name: string;
	life(at: number, count: number): Life;
	settings?: Parameters<typeof service>[2];
	scope?: WaitingItem['scope'];
	simplify?: boolean;
}

/** They finish evenly over five minutes; each hundredth fails. */
const finishing =
	(workspace?: string) =>
	(at: number, count: number): Life => {
		const finish = ((at + 1) / count) * 5 * MINUTE;
		return {
			workspace,
			statuses: [
				[0, 'CREATED'],
				[finish * 0.8, 'PROCESSING'],
				[finish, at % 100 === 99 ? 'FAILED' : 'DONE'],
			],
		};
	};

const cases: Case[] = [
	{ name: 'all done before', life: () => always('DONE') },
	{ name: 'all done before, raw data wanted', life: () => always('DONE'), simplify: false },
	{ name: 'all failed before', life: () => always('FAILED') },
	{ name: 'finish within 5 minutes', life: finishing() },
	{ name: 'open all the time', life: () => always('PROCESSING') },
	{
		name: 'finish within 5 minutes, behind 20,000 open ones of others',
		life: finishing(),
		settings: { others: 20_000 },
	},
	{
		name: 'finish within 5 minutes in a workspace that is named',
		life: finishing('other'),
		scope: { workspace: 'other' },
		settings: { foundAnywhere: false },
	},
	{ name: 'finish within 5 minutes in another workspace than named', life: finishing('other') },
	{
		name: 'open all the time in another workspace than named',
		life: () => always('CREATED', { workspace: 'other' }),
	},
	{
		name: 'open all the time, and in no list',
		life: () => always('CREATED', { workspace: 'other' }),
		settings: { nameless: true },
	},
	{
		name: 'finish within 5 minutes while no list can be read',
		life: finishing(),
		settings: { broken: ['open', 'history'] },
	},
	{
		name: 'not found',
		life: () => always('DONE', { workspace: 'other' }),
		settings: { foundAnywhere: false },
	},
];

async function measure(count: number, { life, settings, scope, simplify }: Case) {
	const clock = virtualClock();
	const { api, calls } = service(
		clock,
		many(count, (at) => life(at, count)),
		settings,
	);
	const ids = Array.from({ length: count }, (_, at) => `r${at}`);
	const { items, ended } = itemsOf(ids, api, { scope, simplify });
	expect(await clock.run(waitForAll(items, clock))).toEqual([]);
	expect(ended.size).toBe(count);
	return { ...calls, seconds: Math.round(clock.now() / 1000) };
}

const HEAD = [
	'Requests',
	'They …',
	'Pages of open requests',
	'Pages of the history',
	'Statuses',
	'Whole requests',
	'Of these not finished',
	'Calls',
	'Seconds',
];

const row = (cells: Array<string | number>) =>
	`| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)).join(' | ')} |`;

test('the calls of a wait are those that the documentation tells', async () => {
	const rows = [];
	for (const one of cases) {
		for (const count of [500, 1000]) {
			const { open, history, status, whole, inVain, seconds } = await measure(count, one);
			const all = open + history + status + whole;
			rows.push(row([count, one.name, open, history, status, whole, inVain, all, seconds]));
		}
	}
	const table = [row(HEAD), row(HEAD.map(() => '---')), ...rows].join('\n');
	const text = await readFile(FILE, 'utf8');
	expect(text).toMatch(PLACE);
	const current = text.replace(PLACE, (_, start, end) => `${start}\n${table}\n\n${end}`);
	if (process.env.UPDATE_DOCS) await writeFile(FILE, current);
	else expect(text).toBe(current);
}, 300_000);
