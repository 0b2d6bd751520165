import type { Hono } from 'hono';
import type { Api } from '../http/api.ts';
import type { DoorOptions } from './door.tsx';
import { oauthRoutes } from './oauth/routes.tsx';
import { onboardingRoutes } from './onboarding-routes.tsx';
import { sellerPageRoutes } from './seller-routes.tsx';
import { connectApiRoutes } from './staff-api.ts';
import { staffRoutes } from './staff-routes.tsx';

/** Everything that people see of sellers: the way to Stripe and back, the seller's page, the staff's. */
export function peopleRoutes(app: Hono, api: Api, options: DoorOptions): void {
  onboardingRoutes(app, options);
  oauthRoutes(app, options);
  sellerPageRoutes(app, options);
  staffRoutes(app, options);
  connectApiRoutes(api, options);
}
