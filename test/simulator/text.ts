/**
 * Reads text off the pixels of an image: the 5x7 font of the test images, black on a white plate
 * anywhere in the picture, at any whole scale, through the artefacts of lossy compression.
 */
import {
	CELL_WIDTH,
	GLYPH_HEIGHT,
	GLYPH_WIDTH,
	GLYPHS,
	LINE_HEIGHT,
	PLATE_PAD,
	plateSize,
} from '../images/font';
import type { Image } from './images';

export interface TextLine {
	text: string;
	prob: number;
	/** The corners, clockwise from the upper left, in pixels. */
	polygon: Array<[number, number]>;
}

/** An image that was decoded. */
type Picture = Image & { pixels: Buffer };

interface Box {
	left: number;
	top: number;
	width: number;
	height: number;
}

const WHITE = 200;
const DARK = 128;
/** White pixels that make a row or a column part of the plate. */
const PLATE_MINIMUM = 8;
const MAX_SCALE = 12;
/** How far the plate's edges may be off, in pixels, after lossy compression. */
const EDGE_TOLERANCE = 2;
/** Below this, what stands on the plate is not this font. */
const READABLE = 0.9;

function brightness(image: Picture, x: number, y: number): number {
	const at = (y * image.width + x) * 3;
	const red = image.pixels[at]!;
	const green = image.pixels[at + 1]!;
	const blue = image.pixels[at + 2]!;
	return red < green ? (red < blue ? red : blue) : green < blue ? green : blue;
}

/** The box around everything near white, which in the test images is the plate. */
function findPlate(image: Picture): Box | undefined {
	const rows = new Uint32Array(image.height);
	const columns = new Uint32Array(image.width);
	for (let y = 0; y < image.height; y++) {
		for (let x = 0; x < image.width; x++) {
			if (brightness(image, x, y) < WHITE) continue;
			rows[y]!++;
			columns[x]!++;
		}
	}
	const span = (counts: Uint32Array): [first: number, length: number] => {
		const first = counts.findIndex((count) => count >= PLATE_MINIMUM);
		let end = counts.length;
		while (end > 0 && counts[end - 1]! < PLATE_MINIMUM) end--;
		return [first, end - first];
	};
	const [left, width] = span(columns);
	const [top, height] = span(rows);
	return left < 0 || top < 0 ? undefined : { left, top, width, height };
}

interface Layout {
	scale: number;
	lines: number;
	columns: number;
}

/** Every scale at which the plate would hold a whole number of lines and characters. */
function layouts(plate: Box): Layout[] {
	const found: Layout[] = [];
	for (let scale = 2; scale <= MAX_SCALE; scale++) {
		const none = plateSize(0, 0);
		const lines = Math.round((plate.height / scale - none.height) / LINE_HEIGHT);
		const columns = Math.round((plate.width / scale - none.width) / CELL_WIDTH);
		if (lines < 1 || columns < 1) continue;
		const { width, height } = plateSize(lines, columns);
		const off = Math.max(
			Math.abs(width * scale - plate.width),
			Math.abs(height * scale - plate.height),
		);
		if (off <= EDGE_TOLERANCE) found.push({ scale, lines, columns });
	}
	return found;
}

/** How dark a dot is, from 0 (white) to 1; its rim is left out when it is large enough. */
function darkness(image: Picture, left: number, top: number, scale: number): number {
	const rim = scale >= 3 ? 1 : 0;
	let dark = 0;
	let all = 0;
	for (let y = top + rim; y < top + scale - rim; y++) {
		for (let x = left + rim; x < left + scale - rim; x++) {
			if (x < 0 || y < 0 || x >= image.width || y >= image.height) continue;
			all++;
			if (brightness(image, x, y) < DARK) dark++;
		}
	}
	return all === 0 ? 0 : dark / all;
}

/** The character whose dots come closest, and how close: 1 is every dot. */
function readCell(image: Picture, left: number, top: number, scale: number): [string, number] {
	const dots: number[] = [];
	for (let row = 0; row < GLYPH_HEIGHT; row++) {
		for (let column = 0; column < GLYPH_WIDTH; column++) {
			dots.push(darkness(image, left + column * scale, top + row * scale, scale));
		}
	}
	let best: [string, number] = [' ', 0];
	for (const [character, glyph] of GLYPHS) {
		const off = glyph.reduce((sum, ink, index) => sum + (ink ? 1 - dots[index]! : dots[index]!), 0);
		const match = 1 - off / glyph.length;
		if (match > best[1]) best = [character, match];
	}
	return best;
}

function readLines(image: Picture, plate: Box, { scale, lines, columns }: Layout): TextLine[] {
	return Array.from({ length: lines }, (_, line) => {
		const left = plate.left + PLATE_PAD * scale;
		const top = plate.top + (PLATE_PAD + line * LINE_HEIGHT) * scale;
		const cells = Array.from({ length: columns }, (__, column) =>
			readCell(image, left + column * CELL_WIDTH * scale, top, scale),
		);
		const text = cells
			.map(([character]) => character)
			.join('')
			.trimEnd();
		const right = left + (text.length * CELL_WIDTH - (CELL_WIDTH - GLYPH_WIDTH)) * scale;
		const bottom = top + GLYPH_HEIGHT * scale;
		return {
			text,
			prob: cells.reduce((sum, [, match]) => sum + match, 0) / cells.length,
			polygon: [
				[left, top],
				[right, top],
				[right, bottom],
				[left, bottom],
			],
		};
	});
}

/** The lines of text in the image, none when there is no plate or nothing readable on it. */
export function readText({ pixels, ...rest }: Image): TextLine[] {
	if (!pixels) return [];
	const image = { pixels, ...rest };
	const plate = findPlate(image);
	if (!plate) return [];
	const surest = (lines: TextLine[]) => Math.min(...lines.map((line) => line.prob));
	const readings = layouts(plate)
		.map((layout) => readLines(image, plate, layout))
		.filter((lines) => surest(lines) >= READABLE)
		.sort((a, b) => surest(b) - surest(a));
	return (readings[0] ?? []).filter((line) => line.text !== '');
}
