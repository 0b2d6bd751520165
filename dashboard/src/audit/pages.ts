import { IconListCheck } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/audit',
    component: lazy(() => import('./audit-page.tsx')),
    role: 'operator',
    nav: { label: 'Audit log', icon: IconListCheck, group: 'House', order: 95 },
  },
];
