export { createQuittance, Quittance, type StartOptions } from './quittance.ts';
export { defineConfig, type QuittanceConfig } from './config.ts';
export type { DrainSettings, QuittanceOptions } from './options.ts';
export type { Handler, HandlerContext, HandlerOptions, Enqueue, EnqueueOptions } from './inbox/handlers.ts';
export { giveUp, ignored, retryLater, type Outcome } from './inbox/outcome.ts';
export type { JobContext, JobFunction } from './jobs/context.ts';
export { needsRole } from './apps/signed/needs-role.ts';
export type {
  AppConnections,
  AppContext,
  AppEnv,
  AppJobContext,
  AppJobFunction,
  AppRoutes,
  AppSecrets,
  ConnectionTokens,
  OnInstall,
  OnPermissionsChanged,
  OnUninstall,
  RemoveData,
  VerifiedAppRequest,
} from './apps/context.ts';
export type { Install, InstallAccess, InstallStatus } from './apps/install.ts';
export type { AppOptions, ConnectionSettings } from './apps/settings.ts';
export type { Verification, VerifyOptions } from './apps/signed/verifier.ts';
export type { SinkDelivery } from './sinks/delivery.ts';
export type { SinkOptions } from './sinks/settings.ts';
export type { StripeApp } from './stripe-app.ts';
export type { OnSellerChange, Requirement, Seller, SellerStatus } from './connect/seller.ts';
export type { Fulfil } from './orders/fulfil.ts';
export type { Order, OrderItem, OrderStatus } from './orders/order.ts';
export type { Product, ProductInput } from './orders/products.ts';
export type { Money } from './money.ts';
export type { Sql } from './db/sql.ts';
export { QuittanceError } from './errors.ts';
