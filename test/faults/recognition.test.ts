import { describeMatrix } from './matrix';

jest.mock('n8n-workflow', () =>
	jest
		.requireActual<typeof import('./clock')>('./clock')
		.withVirtualSleep(jest.requireActual('n8n-workflow')),
);

describeMatrix(['ximilarAccount', 'ximilarOcr', 'ximilarRecognition']);
