import { IconSettingsAutomation } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/jobs',
    component: lazy(() => import('./jobs-page.tsx')),
    nav: { label: 'Jobs', icon: IconSettingsAutomation, group: 'Machinery', order: 60 },
  },
  { path: '/jobs/timetable', component: lazy(() => import('./timetable-page.tsx')) },
  { path: '/jobs/:id', component: lazy(() => import('./job-page.tsx')) },
];
