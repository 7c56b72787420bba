import { endAll } from './process';

// jest keeps the event of its own exit from the tests, so that no n8n could be ended then.
afterAll(endAll);
