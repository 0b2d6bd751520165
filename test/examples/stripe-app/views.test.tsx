/** @jsxImportSource react */
import './support/global-expect.ts';
import { getMockContextProps, render } from '@stripe/ui-extension-sdk/testing';
import { Spinner } from '@stripe/ui-extension-sdk/ui';
import { expect, it } from 'vitest';
import Notes from '../../../examples/stripe-app/ui/src/views/Notes.tsx';

it('renders', () => {
  const { wrapper } = render(<Notes {...getMockContextProps()} />);
  expect(wrapper.find(Spinner)).not.toBeNull();
});
