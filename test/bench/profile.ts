import { readFile, rm } from 'node:fs/promises';

/** Where CPU time goes, by what the code belongs to. */
export const groups = {
	ours: 'this package',
	base64: 'base64',
	http: 'HTTP and streams',
	files: 'reading files',
	gc: 'garbage collection',
	n8n: 'n8n and other packages',
	node: 'the rest of Node.js',
} as const;

type Group = keyof typeof groups;

/** Milliseconds of CPU time by group. */
export type Shares = Partial<Record<Group, number>>;

/** A V8 CPU profile, as far as it is read here. */
interface Profile {
	nodes: Array<{
		id: number;
		callFrame: { functionName: string; url: string };
		children?: number[];
	}>;
	/** Microseconds of the machine's monotonic clock, which all processes share. */
	startTime: number;
	samples: number[];
	timeDeltas: number[];
}

/**
 * Reads a CPU profile and removes it.
 * @param from the time that counts, in milliseconds since 1970
 */
export async function sharesOf(file: string, from: number, to: number): Promise<Shares> {
	const profile = JSON.parse(await readFile(file, 'utf8')) as Profile;
	await rm(file);
	const monotonic = (at: number) =>
		(at - Date.now()) * 1000 + Number(process.hrtime.bigint() / 1000n);
	const groupOf = grouped(profile);
	const shares: Shares = {};
	let now = profile.startTime;
	for (const [at, sample] of profile.samples.entries()) {
		now += profile.timeDeltas[at]!;
		const group = groupOf.get(sample);
		if (!group || now < monotonic(from) || now > monotonic(to)) continue;
		// A sample stands for the time until the next one.
		shares[group] = (shares[group] ?? 0) + (profile.timeDeltas[at + 1] ?? 0) / 1000;
	}
	return shares;
}

/** The group of each node of the call tree; none for idle time. */
function grouped({ nodes }: Profile): Map<number, Group | undefined> {
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const groupById = new Map<number, Group | undefined>();
	const visit = (id: number, caller: Group | undefined) => {
		const { callFrame, children = [] } = byId.get(id)!;
		const group = groupOfFrame(callFrame.functionName, callFrame.url, caller);
		groupById.set(id, group);
		for (const child of children) visit(child, group);
	};
	visit(nodes[0]!.id, undefined);
	return groupById;
}

function groupOfFrame(name: string, url: string, caller: Group | undefined): Group | undefined {
	if (name === '(idle)') return undefined;
	if (name === '(garbage collector)') return 'gc';
	if (/base64/i.test(name) && !url.includes('/node_modules/')) return 'base64';
	if (url.includes('/node_modules/n8n-nodes-ximilar/')) return 'ours';
	if (
		/\/node_modules\/(axios|follow-redirects|form-data|agentkeepalive|proxy-from-env)\//.test(url)
	)
		return 'http';
	if (url.includes('/node_modules/')) return 'n8n';
	if (
		/^node:(_http|http|net|_tls|tls|dns|stream|internal\/(streams|stream_base|http|net|dns))/.test(
			url,
		)
	)
		return 'http';
	if (/^node:(fs|internal\/fs)/.test(url)) return 'files';
	// What is built into the engine, or Node's own helpers, works for who called it.
	return caller ?? 'node';
}

/** The shares of one execution, the largest first. */
export function describeGroups(shares: Shares): Array<{ name: string; milliseconds: number }> {
	return (Object.entries(shares) as Array<[Group, number]>)
		.map(([group, milliseconds]) => ({ name: groups[group], milliseconds }))
		.sort((a, b) => b.milliseconds - a.milliseconds);
}

/** The shares as lines of text. */
export function describeShares(shares: Shares): string {
	const all = describeGroups(shares);
	const total = all.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
	return all
		.map(
			({ name, milliseconds }) =>
				`${(milliseconds / 1000).toFixed(2)} s  ${Math.round((100 * milliseconds) / total)} %  ${name}`,
		)
		.join('\n');
}
