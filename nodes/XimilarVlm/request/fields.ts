import { choice, number } from '../../shared/engine/field';
import { id, ids } from '../../shared/engine/locator';

/** Fields that operations of requests share. */

const PLACEHOLDER = 'e.g. f47ac10b-58cc-4372-a567-0e02b2c3d479';

export const requestId = () =>
	id('request', {
		displayName: 'Request ID',
		placeholder: PLACEHOLDER,
		description: 'The ID returned by Submit',
	});

export const requestIds = () =>
	ids('request', {
		displayName: 'Request IDs',
		required: true,
		placeholder: PLACEHOLDER,
		hint: 'Drag the id of an earlier step in here',
		description:
			'The IDs returned by Submit. Separate several with commas, or use an expression that returns a list. The requests of all items are waited for together.',
	});

/** What is asked of every wait. */
export const waitOptions = () => ({
	onTimeout: choice(
		{
			displayName: 'At the Timeout',
			default: 'fail',
			description: 'What happens to an item whose requests are not finished in time',
		},
		[
			{ name: 'Fail the Item', value: 'fail' },
			{
				name: 'Pass It On',
				value: 'pass',
				description: 'With the ID and the status of each request',
			},
		],
	),
	timeout: number(
		{
			displayName: 'Timeout',
			default: 600,
			description: 'How many seconds to wait for the answers at most',
		},
		{ min: 1, max: 86_400 },
	),
});
