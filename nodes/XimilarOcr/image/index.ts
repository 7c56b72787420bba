import type { Resource } from '../../shared/engine/operation';
import { read } from './read';
import { readGpt } from './readGpt';

export const image: Resource = { name: 'Image', operations: { read, readGpt } };
