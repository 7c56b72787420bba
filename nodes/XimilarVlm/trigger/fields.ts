import { collection } from '../../shared/engine/collection';
import { choice, number } from '../../shared/engine/field';
import { workspacePicker } from '../../shared/engine/workspace';
import { vlmTasks } from '../entities';

/** What the user is asked of the trigger. Made anew for each node. */
export const triggerFields = () => ({
	event: choice(
		{ displayName: 'Event', default: 'done', description: 'What starts the workflow' },
		[
			{
				name: 'Request Done',
				value: 'done',
				description: 'A request was answered',
			},
			{
				name: 'Request Failed',
				value: 'failed',
				description: 'A request ended as FAILED, API_LIMIT_EXCEEDED or NOT_SUPPORTED',
			},
			{
				name: 'Request Finished',
				value: 'finished',
				description: 'A request was answered or failed; the status tells which',
			},
		],
	),
	output: choice(
		{
			displayName: 'Output',
			default: 'answer',
			description: 'What the items tell of the requests',
		},
		[
			{
				name: 'Answer',
				value: 'answer',
				description:
					'Simplified: the fields of the answer, then ID, status, task, tokens and seconds',
			},
			{
				name: 'Only the Outcome',
				value: 'outcome',
				description: 'ID, status, task, version and times, without the answer',
			},
			{ name: 'Raw', value: 'raw', description: 'The response of the API as it is' },
		],
	),
	filters: collection(
		{
			task: vlmTasks.optionalPicker({
				description: 'The task whose requests start the workflow; all when left out',
			}),
			workspace: workspacePicker('The workspace to watch, instead of the default one'),
		},
		{ displayName: 'Filters', placeholder: 'Add Filter' },
	),
	options: collection({
		hoursBefore: number(
			{
				displayName: 'Include Last Hours',
				default: 24,
				description:
					'How far back to begin when the workflow is activated for the first time, or with another Event, Task or Workspace. Left out, it begins with what finishes after the activation. Ximilar keeps finished requests for two weeks.',
			},
			{ min: 0, max: 24 * 31 },
		),
	}),
});
