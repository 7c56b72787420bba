import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';
import { asObject, isObject } from '../../shared/api/json';

/**
 * What a sample remembers of the files that its images were made of, so that a later run need not
 * upload, nor even download, what is there. The API tells no such thing: an image has a new address
 * in the service, and may be made smaller there. It stands in the sample's metadata, by image ID.
 */

const KEY = 'n8n_images';

/** What is known of a file, by hashes: an address may hold a secret, and metadata is read by others. */
export interface Origin {
	/** Of the file's bytes; unknown when it was not loaded. */
	bytes?: string;
	/** Of the address that it came from, where it had one. */
	address?: string;
	/** It was uploaded in its full size; unknown when it was not, or by something else. */
	full_size?: true;
}

export type ImageMemory = Record<string, Origin>;

export function rememberedImages({ meta_data: metadata }: IDataObject): ImageMemory {
	const memory = isObject(metadata) ? metadata[KEY] : undefined;
	return isObject(memory) ? (memory as unknown as ImageMemory) : {};
}

/** The metadata with this memory in it. */
export function withMemory(metadata: unknown, memory: ImageMemory): IDataObject {
	return { ...asObject(metadata), [KEY]: memory as unknown as IDataObject };
}

/** The image that was made of a file, by what is known of it so far. */
export function findRemembered(memory: ImageMemory, { bytes, address }: Origin) {
	const found = Object.entries(memory).find(
		([, origin]) =>
			(address !== undefined && origin.address === address) ||
			(bytes !== undefined && origin.bytes === bytes),
	);
	return found?.[0];
}

/** A memory with what is known now: one entry an image, however often its address changes. */
export function remember(memory: ImageMemory, imageId: string, origin: Origin): ImageMemory {
	const known = Object.entries(origin).filter(([, fact]) => fact !== undefined);
	return { ...memory, [imageId]: { ...memory[imageId], ...Object.fromEntries(known) } };
}

export const hashOf = (content: Buffer | string) =>
	createHash('sha256').update(content).digest('hex').slice(0, 32);

/** Parameters that sign an address for a while: Amazon, Google, Alibaba, CloudFront, Azure. */
const SIGNING =
	/^(x-(amz|goog|oss)-.*|signature|expires|policy|key-pair-id|awsaccesskeyid|googleaccessid|ossaccesskeyid)$/i;
const SIGNING_AZURE = /^(sig|se|st|sp|sr|sv|spr|sip|sk.+)$/i;

/** Stands for an address: one that is signed anew is still the same one. */
export function hashOfAddress(address: string): string {
	if (!URL.canParse(address)) return hashOf(address);
	const url = new URL(address);
	const azure = url.searchParams.has('sig');
	for (const name of [...url.searchParams.keys()]) {
		if (SIGNING.test(name) || (azure && SIGNING_AZURE.test(name))) url.searchParams.delete(name);
	}
	return hashOf(url.href);
}
