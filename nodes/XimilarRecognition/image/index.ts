import type { Resource } from '../../shared/engine/operation';
import { classify } from './classify';

export const image: Resource = { name: 'Image', operations: { classify } };
