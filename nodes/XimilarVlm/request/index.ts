import type { Resource } from '../../shared/engine/operation';
import { deleteRequest } from './delete';
import { get } from './get';
import { getAll } from './getAll';
import { getHistory } from './getHistory';
import { getStatus } from './getStatus';
import { resubmit } from './resubmit';
import { submit } from './submit';
import { wait } from './wait';

export const request: Resource = {
	name: 'Request',
	operations: { delete: deleteRequest, get, getAll, getHistory, getStatus, resubmit, submit, wait },
};
