import { IconBolt } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/events',
    component: lazy(() => import('./events-page.tsx')),
    nav: { label: 'Events', icon: IconBolt, group: 'Machinery', order: 50 },
  },
  { path: '/events/:id', component: lazy(() => import('./event-page.tsx')) },
  { path: '/replays', component: lazy(() => import('./replays-page.tsx')) },
  { path: '/replays/:id', component: lazy(() => import('./replay-page.tsx')) },
];
