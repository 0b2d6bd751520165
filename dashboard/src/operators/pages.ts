import { IconUsers } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  { path: '/sign-in', component: lazy(() => import('./sign-in-page.tsx')), outside: true },
  { path: '/link', component: lazy(() => import('./link-page.tsx')), outside: true },
  { path: '/set-password', component: lazy(() => import('./set-password-page.tsx')), outside: true },
  { path: '/account', component: lazy(() => import('./account-page.tsx')) },
  {
    path: '/operators',
    component: lazy(() => import('./operators-page.tsx')),
    role: 'admin',
    nav: { label: 'Operators', icon: IconUsers, group: 'House', order: 90 },
  },
  { path: '/operators/:id', component: lazy(() => import('./operator-page.tsx')), role: 'admin' },
];
