/**
 * Photographs as cameras make them: JPEGs with gradients, edges and the grain of a sensor, so that
 * a file has as many bytes as a photo has, and not as few as a drawing.
 */
import sharp from 'sharp';

/** About so many bytes a file, by measurement: the grain is drawn anew in each process. */
export const PHOTOS = {
	/** From a web shop: 300 kB. */
	shop: { width: 1600, height: 1200, quality: 73 },
	/** From a phone: 4 MB. */
	phone: { width: 4032, height: 3024, quality: 89 },
	/** From a phone at its best quality: 8 MB. */
	phoneBest: { width: 4032, height: 3024, quality: 96 },
	/** From a camera: 12 MB. */
	camera: { width: 5472, height: 3648, quality: 95 },
} as const;

export type PhotoKind = keyof typeof PHOTOS;

/** Pixels to a side of the piece of grain that is laid over the motif like tiles. */
const GRAIN_SIDE = 512;

/** Light that falls off over things with edges; a drawing in vectors has every size. */
function motif(width: number, height: number): Buffer {
	return Buffer.from(
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 4 3">
			<linearGradient id="wall" x2="0" y2="1">
				<stop stop-color="#8fa3ad"/><stop offset="1" stop-color="#39434a"/>
			</linearGradient>
			<radialGradient id="ball" cx=".35" cy=".3">
				<stop stop-color="#e2705f"/><stop offset="1" stop-color="#5c1410"/>
			</radialGradient>
			<rect width="4" height="3" fill="url(#wall)"/>
			<path d="M0 2.1 L4 1.8 V3 H0Z" fill="#6b5138"/>
			<rect x=".4" y=".9" width="1.1" height="1.3" fill="#274b7a"/>
			<circle cx="2.6" cy="1.7" r=".7" fill="url(#ball)"/>
		</svg>`,
	);
}

async function grain(): Promise<Buffer> {
	const side = { width: GRAIN_SIDE, height: GRAIN_SIDE, channels: 3 as const };
	const noise = { type: 'gaussian' as const, mean: 128, sigma: 24 };
	return await sharp({ create: { ...side, background: '#808080', noise } })
		.blur(0.6)
		.png()
		.toBuffer();
}

async function take({ width, height, quality }: (typeof PHOTOS)[PhotoKind]): Promise<Buffer> {
	return await sharp(motif(width, height))
		.composite([{ input: await grain(), blend: 'hard-light', tile: true }])
		.flatten()
		.jpeg({ quality })
		.toBuffer();
}

const taken = new Map<PhotoKind, Promise<Buffer>>();

/** A photo of this kind; each is taken once in a process. */
export async function photo(kind: PhotoKind): Promise<Buffer> {
	const file = taken.get(kind) ?? take(PHOTOS[kind]);
	taken.set(kind, file);
	return await file;
}

/** The same photo as another file. */
export async function photoNumber(kind: PhotoKind, number: number): Promise<Buffer> {
	return numbered(await photo(kind), number);
}

/** The same JPEG as another file: a comment with this number makes its bytes differ. */
export function numbered(file: Buffer, number: number): Buffer {
	const text = Buffer.from(`Photo ${number}`);
	const comment = Buffer.alloc(4);
	comment.writeUInt16BE(0xfffe);
	comment.writeUInt16BE(text.length + 2, 2);
	// Right after the marker that every JPEG begins with.
	return Buffer.concat([file.subarray(0, 2), comment, text, file.subarray(2)]);
}
