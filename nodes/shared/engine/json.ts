import { fail } from '../api/error';

/**
 * The value of JSON text.
 * @param label the field's or variable's name, for the message
 * @throws XimilarError that says at which line and column the text stops being JSON
 */
export function parsedJson(text: string, label: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		const { line, column, rest } = breakIn(text);
		const place = `(line ${line}, column ${column})`;
		return fail(
			`${label} is not valid JSON`,
			`${rest ? `It breaks ${place} at: ${rest}` : `It ends too early ${place}`}. Names and text stand in double quotes, and no comma follows the last entry. An expression may also give the object itself.`,
		);
	}
}

interface Break {
	line: number;
	column: number;
	/** What stands there; empty at the end of the text. */
	rest: string;
}

/** Node's own message names the place for some texts only, and in words of its version. */
function breakIn(text: string): Break {
	const before = text.slice(0, breakingPosition(text)).split('\n');
	const at = before.join('\n').length;
	return {
		line: before.length,
		column: before.at(-1)!.length + 1,
		rest: text
			.slice(at, at + 20)
			.split('\n')[0]!
			.trim(),
	};
}

/** The position of the first character that cannot stand where it stands. */
function breakingPosition(text: string): number {
	const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
	const PLAIN = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
	const BLANKS = /[ \t\r\n]*/y;
	let at = 0;
	const passes = (pattern: RegExp): boolean => {
		pattern.lastIndex = at;
		const found = pattern.exec(text);
		at += found?.[0].length ?? 0;
		return found !== null;
	};
	const passesSign = (sign: string): boolean => {
		passes(BLANKS);
		if (text[at] !== sign) return false;
		at++;
		return passes(BLANKS);
	};
	const passesEntries = (entry: () => boolean, end: string): boolean => {
		if (passesSign(end)) return true;
		do {
			if (!entry()) return false;
		} while (passesSign(','));
		return passesSign(end);
	};
	const passesValue = (): boolean => {
		if (passesSign('{')) {
			return passesEntries(() => passes(STRING) && passesSign(':') && passesValue(), '}');
		}
		return passesSign('[') ? passesEntries(passesValue, ']') : passes(STRING) || passes(PLAIN);
	};
	passesValue();
	return at;
}
