import { IconAlertOctagon, IconGavel } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/disputes',
    component: lazy(() => import('./disputes-page.tsx')),
    nav: { label: 'Disputes', icon: IconGavel, group: 'Money', order: 40 },
  },
  { path: '/disputes/:id', component: lazy(() => import('./dispute-page.tsx')) },
  {
    path: '/fraud-warnings',
    component: lazy(() => import('./fraud-warnings-page.tsx')),
    nav: { label: 'Fraud warnings', icon: IconAlertOctagon, group: 'Money', order: 45 },
  },
];
