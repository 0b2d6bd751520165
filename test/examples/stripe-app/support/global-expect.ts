import { expect } from 'vitest';

// The SDK's testing package adds its matchers to a global `expect` while it is loaded: import this before it.
Object.assign(globalThis, { expect });
