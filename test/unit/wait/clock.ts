/** Time that passes only when everything waits for it. */
export function virtualClock() {
	let time = 0;
	const sleepers: Array<{ until: number; wake: () => void }> = [];
	const now = () => time;
	const sleep = async (milliseconds: number) =>
		await new Promise<void>((wake) => {
			sleepers.push({ until: time + milliseconds, wake });
		});

	/** Lets time pass until the work has ended. */
	async function run<T>(work: Promise<T>): Promise<T> {
		let over = false;
		const end = () => void (over = true);
		work.then(end, end);
		for (;;) {
			await new Promise(setImmediate);
			if (over) return await work;
			sleepers.sort((a, b) => a.until - b.until);
			const first = sleepers.shift();
			if (!first) continue;
			time = Math.max(time, first.until);
			first.wake();
		}
	}

	return { now, sleep, run };
}

export type VirtualClock = ReturnType<typeof virtualClock>;
