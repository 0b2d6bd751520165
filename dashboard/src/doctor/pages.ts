import { IconStethoscope } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/doctor',
    component: lazy(() => import('./doctor-page.tsx')),
    nav: { label: 'Doctor', icon: IconStethoscope, group: 'Machinery', order: 70 },
  },
];
