/**
 * Writes a HEIC file, the format of iPhone photographs, which no encoder at hand can write.
 *
 * The picture is one HEVC key frame of uncompressed (PCM) blocks: a valid stream that any decoder
 * reads, without the entropy coder that makes a real encoder large. Each block of 16x16 pixels is
 * a slice of its own, so that the few arithmetically coded bits are the same in every block.
 * Section numbers are those of ITU-T H.265; the boxes are those of ISO/IEC 23008-12.
 */

// Looked up once: inside jest, every look at a global is slow, and these are needed for each pixel.
const { floor, max, min, round } = Math;

const BLOCK = 16;

interface Bits {
	put: (value: number, count: number) => void;
	/** Exp-Golomb code of an unsigned number (9.2). */
	ue: (value: number) => void;
	align: () => void;
	append: (data: Buffer) => void;
	bytes: () => Buffer;
}

function bitWriter(): Bits {
	const chunks: Buffer[] = [];
	let pending: number[] = [];
	const put = (value: number, count: number) => {
		for (let bit = count - 1; bit >= 0; bit--) pending.push(floor(value / 2 ** bit) % 2);
	};
	const flush = () => {
		const bytes = [];
		for (let at = 0; at < pending.length; at += 8) {
			bytes.push(parseInt(pending.slice(at, at + 8).join(''), 2));
		}
		chunks.push(Buffer.from(bytes));
		pending = [];
	};
	return {
		put,
		ue: (value) => {
			const length = floor(Math.log2(value + 1));
			put(0, length);
			put(value + 1, length + 1);
		},
		align: () => {
			while (pending.length % 8 !== 0) pending.push(0);
		},
		append: (data) => {
			flush();
			chunks.push(data);
		},
		bytes: () => {
			flush();
			return Buffer.concat(chunks);
		},
	};
}

/** A NAL unit: its header, and its payload with three-byte zero runs escaped (7.3.1.1). */
function nal(type: number, payload: Buffer): Buffer {
	const out = [type << 1, 1];
	let zeros = 0;
	for (const byte of payload) {
		if (zeros >= 2 && byte <= 3) {
			out.push(3);
			zeros = 0;
		}
		out.push(byte);
		zeros = byte === 0 ? zeros + 1 : 0;
	}
	return Buffer.from(out);
}

function trailing(bits: Bits): Buffer {
	bits.put(1, 1);
	bits.align();
	return bits.bytes();
}

/** Main Still Picture profile, level 3.1 (7.3.3). */
function profileTierLevel(bits: Bits): void {
	bits.put(3, 8);
	bits.put(0x70000000, 32); // compatible with Main, Main 10 and Main Still Picture
	bits.put(0b1011, 4); // progressive, non-packed, frames only
	bits.put(0, 32);
	bits.put(0, 12);
	bits.put(93, 8);
}

function videoParameterSet(): Buffer {
	const bits = bitWriter();
	bits.put(0, 4);
	bits.put(0b11, 2); // the base layer is in here and available
	bits.put(0, 6);
	bits.put(0, 3);
	bits.put(1, 1);
	bits.put(0xffff, 16);
	profileTierLevel(bits);
	bits.put(1, 1);
	for (const value of [0, 0, 0]) bits.ue(value); // picture buffer, reordering, latency
	bits.put(0, 6);
	bits.ue(0);
	bits.put(0, 2); // no timing, no extension
	return nal(32, trailing(bits));
}

function sequenceParameterSet(width: number, height: number): Buffer {
	const bits = bitWriter();
	bits.put(0, 4);
	bits.put(0, 3);
	bits.put(1, 1);
	profileTierLevel(bits);
	bits.ue(0);
	bits.ue(1); // 4:2:0
	bits.ue(width);
	bits.ue(height);
	bits.put(0, 1); // no cropping
	bits.ue(0); // 8 bits luma
	bits.ue(0); // 8 bits chroma
	bits.ue(0);
	bits.put(1, 1);
	for (const value of [0, 0, 0]) bits.ue(value);
	bits.ue(1); // coding blocks of 16 ...
	bits.ue(0); // ... and nothing else
	bits.ue(0); // transform blocks of 4 ...
	bits.ue(2); // ... to 16
	bits.ue(0);
	bits.ue(0);
	bits.put(0, 3); // no scaling lists, asymmetric partitions or sample adaptive offset
	bits.put(1, 1); // PCM is enabled ...
	bits.put(7, 4); // ... with 8 bits luma
	bits.put(7, 4); // ... 8 bits chroma
	bits.ue(1); // ... in blocks of 16
	bits.ue(0);
	bits.put(1, 1); // ... unfiltered
	bits.ue(0);
	bits.put(0, 5); // no long-term references, motion prediction, smoothing, VUI, extension
	return nal(33, trailing(bits));
}

function pictureParameterSet(): Buffer {
	const bits = bitWriter();
	bits.ue(0);
	bits.ue(0);
	bits.put(0, 7); // no dependent slices, output flag, extra bits, sign hiding, CABAC init
	bits.ue(0);
	bits.ue(0);
	bits.ue(0); // initial QP 26
	bits.put(0, 3);
	bits.ue(0);
	bits.ue(0);
	bits.put(0, 7); // no chroma offsets, weighting, bypass, tiles, sync, filter across slices
	bits.put(0b101, 3); // deblocking: controlled here, not overridden, off
	bits.put(0, 2);
	bits.ue(0);
	bits.put(0, 2);
	return nal(34, trailing(bits));
}

/**
 * The arithmetic coder's bits for a terminating bin of value 1 and its flush (9.3.4.5), right after
 * its start; `lps` is the part of the range given up by a most probable bin coded before it.
 */
function putTermination(bits: Bits, lps: number): void {
	const range = 510 - lps - 2;
	let low = range;
	let outstanding = 0;
	let first = true;
	const put = (bit: number) => {
		if (!first) bits.put(bit, 1);
		first = false;
		for (; outstanding > 0; outstanding--) bits.put(1 - bit, 1);
	};
	for (let step = 0; step < 7; step++) {
		if (low < 256) {
			put(0);
		} else if (low >= 512) {
			low -= 512;
			put(1);
		} else {
			low -= 256;
			outstanding++;
		}
		low *= 2;
	}
	put((low >> 9) & 1);
	bits.put(((low >> 7) & 3) | 1, 2);
}

/** LPS range of a context in state 0 when the range is 510: that of part_mode at a slice's start. */
const FRESH_LPS = 240;

function slice(address: number, addressBits: number, samples: Buffer): Buffer {
	const bits = bitWriter();
	bits.put(address === 0 ? 1 : 0, 1);
	bits.put(0, 1);
	bits.ue(0);
	if (address !== 0) bits.put(address, addressBits);
	bits.ue(2); // an I slice
	bits.ue(0); // QP as in the picture parameter set
	bits.put(1, 1);
	bits.align();
	// part_mode 2Nx2N (the most probable bin of a fresh context), then pcm_flag 1.
	putTermination(bits, FRESH_LPS);
	bits.align();
	bits.append(samples);
	// end_of_slice_segment_flag 1; the flush's last bit is the stop bit.
	putTermination(bits, 0);
	bits.align();
	return nal(19, bits.bytes());
}

interface Planes {
	y: (x: number, y: number) => number;
	cb: (x: number, y: number) => number;
	cr: (x: number, y: number) => number;
}

/** Full-range BT.601 samples; chroma is taken from the upper left pixel of each four. */
function planes(rgba: Buffer, width: number): Planes {
	const mix = (x: number, y: number, r: number, g: number, b: number, offset: number) => {
		const at = (y * width + x) * 4;
		const value = r * rgba[at]! + g * rgba[at + 1]! + b * rgba[at + 2]! + offset;
		return max(0, min(255, round(value)));
	};
	return {
		y: (x, y) => mix(x, y, 0.299, 0.587, 0.114, 0),
		cb: (x, y) => mix(2 * x, 2 * y, -0.168736, -0.331264, 0.5, 128),
		cr: (x, y) => mix(2 * x, 2 * y, 0.5, -0.418688, -0.081312, 128),
	};
}

function blockSamples(source: Planes, left: number, top: number): Buffer {
	const samples: number[] = [];
	const read = (plane: Planes[keyof Planes], size: number, x0: number, y0: number) => {
		for (let y = 0; y < size; y++) {
			for (let x = 0; x < size; x++) samples.push(plane(x0 + x, y0 + y));
		}
	};
	read(source.y, BLOCK, left, top);
	read(source.cb, BLOCK / 2, left / 2, top / 2);
	read(source.cr, BLOCK / 2, left / 2, top / 2);
	return Buffer.from(samples);
}

function uint(value: number, bytes: number): Buffer {
	const buffer = Buffer.alloc(bytes);
	buffer.writeUIntBE(value, 0, bytes);
	return buffer;
}

function box(type: string, ...parts: Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	return Buffer.concat([uint(content.length + 8, 4), Buffer.from(type, 'latin1'), content]);
}

function fullBox(type: string, version: number, ...parts: Buffer[]): Buffer {
	return box(type, uint(version, 1), uint(0, 3), ...parts);
}

function decoderConfiguration(sets: Buffer[]): Buffer {
	const profile = Buffer.from('0370000000b00000000000', 'hex');
	const head = Buffer.concat([
		uint(1, 1),
		profile,
		uint(93, 1),
		// No spatial segmentation or parallelism known, 4:2:0, 8 bits, one layer, 4-byte lengths.
		Buffer.from('f000fcfdf8f800000f', 'hex'),
		uint(sets.length, 1),
	]);
	const arrays = sets.map((set) =>
		Buffer.concat([uint(0x80 | (set[0]! >> 1), 1), uint(1, 2), uint(set.length, 2), set]),
	);
	return box('hvcC', head, ...arrays);
}

/** RGBA pixels as a HEIC file. Width and height must be multiples of 16. */
export function encodeHeic(rgba: Buffer, width: number, height: number): Buffer {
	if (width % BLOCK !== 0 || height % BLOCK !== 0) throw new Error('Not whole blocks of 16 pixels');
	const source = planes(rgba, width);
	const columns = width / BLOCK;
	const blocks = columns * (height / BLOCK);
	const addressBits = Math.ceil(Math.log2(blocks));
	const slices: Buffer[] = [];
	for (let block = 0; block < blocks; block++) {
		const left = (block % columns) * BLOCK;
		const top = Math.floor(block / columns) * BLOCK;
		const unit = slice(block, addressBits, blockSamples(source, left, top));
		slices.push(uint(unit.length, 4), unit);
	}
	const picture = Buffer.concat(slices);

	const properties = box(
		'ipco',
		decoderConfiguration([
			videoParameterSet(),
			sequenceParameterSet(width, height),
			pictureParameterSet(),
		]),
		fullBox('ispe', 0, uint(width, 4), uint(height, 4)),
		// sRGB primaries and transfer, BT.601 matrix, full range.
		box('colr', Buffer.from('nclx', 'latin1'), uint(1, 2), uint(13, 2), uint(6, 2), uint(0x80, 1)),
	);
	const associations = fullBox(
		'ipma',
		0,
		uint(1, 4),
		uint(1, 2),
		uint(3, 1),
		Buffer.from([0x81, 2, 3]),
	);
	const meta = (offset: number) =>
		fullBox(
			'meta',
			0,
			fullBox('hdlr', 0, uint(0, 4), Buffer.from('pict', 'latin1'), Buffer.alloc(13)),
			fullBox('pitm', 0, uint(1, 2)),
			fullBox(
				'iloc',
				0,
				Buffer.from([0x44, 0]),
				uint(1, 2), // items
				uint(1, 2), // this item
				uint(0, 2),
				uint(1, 2), // extents
				uint(offset, 4),
				uint(picture.length, 4),
			),
			fullBox(
				'iinf',
				0,
				uint(1, 2),
				fullBox('infe', 2, uint(1, 2), uint(0, 2), Buffer.from('hvc1\0', 'latin1')),
			),
			box('iprp', properties, associations),
		);
	const type = box(
		'ftyp',
		Buffer.from('heic', 'latin1'),
		uint(0, 4),
		Buffer.from('mif1heic', 'latin1'),
	);
	const offset = type.length + meta(0).length + 8;
	return Buffer.concat([type, meta(offset), box('mdat', picture)]);
}
