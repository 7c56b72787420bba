/** What a trained model sees in an image; always the same in the same image. */
import { createHash } from 'node:crypto';
import type { Image } from '../images';
import type { Label, Task } from '../state';

/** Typical mean colours of product images, by the name of the label. */
const COLOURS: Record<string, [number, number, number]> = {
	red: [190, 60, 65],
	green: [60, 150, 80],
	blue: [60, 90, 185],
	yellow: [205, 175, 55],
	orange: [215, 130, 50],
	purple: [130, 60, 160],
	white: [235, 235, 235],
	grey: [125, 125, 125],
	black: [25, 25, 25],
};

/** Lower is surer: the distance in RGB over which a probability falls to about a third. */
const SOFTNESS = 18;

function scaled(weights: number[]): number[] {
	const sum = weights.reduce((total, weight) => total + weight, 0);
	return weights.map((weight) => weight / sum);
}

function byColour(image: Image, labels: Label[]): number[] {
	const distances = labels.map((label) =>
		Math.hypot(...COLOURS[label.name.toLowerCase()]!.map((value, i) => value - image.mean[i]!)),
	);
	const nearest = Math.min(...distances);
	return distances.map((distance) => Math.exp((nearest - distance) / SOFTNESS));
}

function byHash(image: Image, labels: Label[]): number[] {
	return labels.map(
		(label) =>
			(createHash('sha256').update(image.sha256).update(label.id).digest().readUInt32BE() + 1) /
			(2 ** 32 + 1),
	);
}

/**
 * The probability of each label. Labels that are all colours are told apart by the mean colour of the
 * pixels, so that a damaged image shows; others by a hash of the file. The labels of a multi_class
 * task exclude each other and sum up to 1 (seed 002).
 */
export function probabilities(image: Image, task: Task, labels: Label[]): number[] {
	const colours = labels.every((label) => label.name.toLowerCase() in COLOURS);
	const weights = colours ? byColour(image, labels) : byHash(image, labels);
	return task.type === 'multi_class' ? scaled(weights) : weights;
}

/** A visual descriptor: a vector that is close for images of like colours. */
export function descriptorOf(image: Image): number[] {
	const cells = 4;
	const vector: number[] = [];
	const { pixels, mean } = image;
	// One that was not decoded is all of one colour.
	if (!pixels)
		return Array.from({ length: cells * cells }, () => mean.map((one) => one / 255)).flat();
	for (let row = 0; row < cells; row++) {
		for (let column = 0; column < cells; column++) {
			const x = Math.floor(((column + 0.5) * image.width) / cells);
			const y = Math.floor(((row + 0.5) * image.height) / cells);
			const at = (y * image.width + x) * 3;
			for (let channel = 0; channel < 3; channel++) vector.push(pixels[at + channel]! / 255);
		}
	}
	return vector;
}
