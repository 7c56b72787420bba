/** Renders a product-like scene in one dominant colour, with text on a white plate. */
import { drawPlate } from './font';

export type Rgb = [number, number, number];

/** The colours of the scenes, by the name of the label that an image of this colour deserves. */
export const SCENE_COLOURS = {
	Red: [196, 38, 44],
	Green: [36, 150, 62],
	Blue: [34, 74, 190],
	Yellow: [226, 186, 28],
	Grey: [128, 128, 128],
} as const satisfies Record<string, Rgb>;

export type SceneColour = keyof typeof SCENE_COLOURS;

export interface Scene {
	width: number;
	height: number;
	colour: SceneColour;
	lines: string[];
	/** Pixels to a dot of the font. */
	scale: number;
	/** Where the product stands, as a part of the width; an animation moves it. */
	position?: number;
	/** Leaves everything but the product and the plate transparent. */
	cutOut?: boolean;
}

// Looked up once: inside jest, every look at a global is slow, and these are needed for each pixel.
const { floor, min } = Math;

const INK = 8;
/** The scenes' colours are chosen so that nothing else in them comes near white. */
const PAPER = 255;

/** The scene as RGBA pixels, row by row. The same scene always gives the same bytes. */
export function renderScene(scene: Scene): Buffer {
	const { width, height, scale } = scene;
	const [red, green, blue] = SCENE_COLOURS[scene.colour];
	const plate = drawPlate(scene.lines);
	const plateLeft = Math.round(width * 0.05);
	const plateTop = Math.round(height * 0.06);
	const plateRight = plateLeft + plate[0]!.length * scale;
	const plateBottom = plateTop + plate.length * scale;
	if (plateRight >= width || plateBottom >= height) {
		throw new Error(`The text does not fit into ${width}x${height}`);
	}
	const productX = width * (scene.position ?? 0.6);
	const productY = height * 0.68;
	const radiusX = width * 0.22;
	const radiusY = height * 0.24;
	const pixels = Buffer.alloc(width * height * 4);
	let at = 0;
	for (let y = 0; y < height; y++) {
		const onPlateRow = y >= plateTop && y < plateBottom;
		const dots = onPlateRow ? plate[floor((y - plateTop) / scale)]! : [];
		const reachY = ((y - productY) / radiusY) ** 4;
		for (let x = 0; x < width; x++, at += 4) {
			pixels[at + 3] = 255;
			if (onPlateRow && x >= plateLeft && x < plateRight) {
				const ink = dots[floor((x - plateLeft) / scale)]!;
				pixels[at] = pixels[at + 1] = pixels[at + 2] = ink ? INK : PAPER;
				continue;
			}
			// The backdrop falls off to the bottom; the product is lit from the upper left.
			const offX = (x - productX) / radiusX;
			const reach = offX ** 4 + reachY;
			const inProduct = reach < 1;
			const light = inProduct ? 1.15 - 0.25 * reach - 0.2 * offX : 0.95 - 0.25 * (y / height);
			pixels[at] = min(255, red * light);
			pixels[at + 1] = min(255, green * light);
			pixels[at + 2] = min(255, blue * light);
			if (scene.cutOut && !inProduct) pixels[at + 3] = 0;
		}
	}
	return pixels;
}
