import { XimilarError } from '../api/error';

/** So many images, refused one by one with the same words and none accepted, stand for all. */
const ENOUGH = 10;
/** So many images in a row that the server could not answer, each alone, are no matter of these. */
const SERVER_TROUBLE = 6;

/**
 * What refusals of requests say of those that are still to be sent: one that holds for all with the
 * same body is asked for once.
 */
export interface Verdicts {
	/** @throws XimilarError when requests of this key are known to be refused */
	throwIfRefused(key: string): void;
	/**
	 * Is called before a request of this key is sent.
	 * @returns when to ask again: a reason that holds for all of them is being looked for
	 * @throws XimilarError when they are known to be refused
	 */
	check(key: string): Promise<void> | undefined;
	/** A request was accepted: the body is right. */
	accepted(key: string): void;
	/**
	 * What follows from a refusal.
	 * @param images how many the request had
	 * @param diagnose looks once for a reason that holds for all requests of this key
	 * @returns `split` when it is to be tried with fewer images, otherwise why it cannot be done
	 */
	judge(
		key: string,
		error: unknown,
		images: number,
		diagnose: () => Promise<XimilarError | undefined>,
	): Promise<unknown>;
}

interface State {
	/** Why every request of this key would be refused. */
	stopReason?: XimilarError;
	/** Ends when the reason was looked for. */
	diagnosis?: Promise<void>;
	isDiagnosed: boolean;
	accepted: boolean;
	/** How many images were refused alone, by the words of the refusal. */
	alone: Map<string, number>;
}

export function createVerdicts(): Verdicts {
	const states = new Map<string, State>();
	let failedAlone = 0;

	const stateOf = (key: string): State => {
		const state = states.get(key) ?? { isDiagnosed: false, accepted: false, alone: new Map() };
		states.set(key, state);
		return state;
	};

	const throwIfRefused = (key: string) => {
		const { stopReason } = stateOf(key);
		if (stopReason) throw stopReason;
	};

	return {
		throwIfRefused,

		check: (key) => {
			throwIfRefused(key);
			const { diagnosis, isDiagnosed } = stateOf(key);
			return isDiagnosed ? undefined : diagnosis;
		},

		accepted: (key) => {
			stateOf(key).accepted = true;
			failedAlone = 0;
		},

		judge: async (key, error, images, diagnose) => {
			const state = stateOf(key);
			if (!(error instanceof XimilarError) || error === state.stopReason) return error;
			if (error.concernsAll || error.kind === 'notFound') {
				return (state.stopReason = error.aboutAll());
			}
			if (!error.mayBeOneRecord) {
				return error.kind === 'badRequest' ? (state.stopReason = error.aboutAll()) : error;
			}
			if (error.kind === 'server') {
				if (images === 1) failedAlone++;
				return images > 1 && failedAlone < SERVER_TROUBLE ? 'split' : error;
			}
			if (!state.accepted && error.kind === 'badRequest') {
				state.diagnosis ??= diagnose().then((reason) => {
					state.stopReason ??= reason;
					state.isDiagnosed = true;
				});
				await state.diagnosis;
				if (state.stopReason) return state.stopReason;
			}
			if (images > 1) return 'split';
			// How large an image is says nothing of the others.
			if (error.kind !== 'badRequest') return error;
			const alone = (state.alone.get(error.message) ?? 0) + 1;
			state.alone.set(error.message, alone);
			if (alone >= ENOUGH && !state.accepted) state.stopReason = error;
			return error;
		},
	};
}
