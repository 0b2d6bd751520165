import { afterAll } from 'vitest';
import { endFile } from './at-end.ts';

// Before every test file: what it leaves to its end is done then, whatever became of its tests.
afterAll(endFile);
