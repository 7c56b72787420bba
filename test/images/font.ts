/**
 * The 5x7 bitmap font in which the test images carry their text, and the measures of the white
 * plate it stands on. The renderer draws by these measures and the simulator's OCR reads by them.
 */
import font from 'oled-font-5x7';

/** Dots from one character to the next: five of ink and one of space. */
export const CELL_WIDTH = font.width + 1;
/** Dots from one line to the next: seven of ink and three of space. */
export const LINE_HEIGHT = font.height + 3;
/** Dots of white around the text. */
export const PLATE_PAD = 3;
export const GLYPH_WIDTH = font.width;
export const GLYPH_HEIGHT = font.height;

const PRINTABLE = /^[ -~]$/;

/** Every printable ASCII character of the font: its 35 dots in rows, true where there is ink. */
export const GLYPHS: ReadonlyMap<string, boolean[]> = new Map(
	font.lookup.flatMap((character, index): Array<[string, boolean[]]> => {
		if (!PRINTABLE.test(character)) return [];
		const columns = font.fontData.slice(index * font.width, (index + 1) * font.width);
		const dots: boolean[] = [];
		for (let row = 0; row < font.height; row++) {
			for (const column of columns) dots.push(((column >> row) & 1) === 1);
		}
		return [[character, dots]];
	}),
);

/** The size of the plate, in dots, that holds `lines` lines of `columns` characters. */
export function plateSize(lines: number, columns: number): { width: number; height: number } {
	return {
		width: 2 * PLATE_PAD + columns * CELL_WIDTH - (CELL_WIDTH - GLYPH_WIDTH),
		height: 2 * PLATE_PAD + lines * LINE_HEIGHT - (LINE_HEIGHT - GLYPH_HEIGHT),
	};
}

/** The plate with its text as rows of dots, true where there is ink. */
export function drawPlate(lines: string[]): boolean[][] {
	const { width, height } = plateSize(lines.length, Math.max(...lines.map((line) => line.length)));
	const dots = Array.from({ length: height }, () => new Array<boolean>(width).fill(false));
	lines.forEach((line, lineIndex) => {
		[...line].forEach((character, column) => {
			const glyph = GLYPHS.get(character);
			if (!glyph) throw new Error(`The font has no "${character}"`);
			glyph.forEach((ink, index) => {
				const x = PLATE_PAD + column * CELL_WIDTH + (index % GLYPH_WIDTH);
				const y = PLATE_PAD + lineIndex * LINE_HEIGHT + Math.floor(index / GLYPH_WIDTH);
				dots[y]![x] = ink;
			});
		});
	});
	return dots;
}
