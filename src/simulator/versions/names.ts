// The versions of Stripe's API that took something away or renamed it; docs.stripe.com/changelog. What a
// version only adds is added to all older ones too, as at Stripe.
export const ENDIVE = '2026-09-30.endive';
export const DAHLIA = '2026-03-25.dahlia';
export const CLOVER = '2025-09-30.clover';
export const BASIL = '2025-03-31.basil';
export const APRIL_2024 = '2024-04-10';
export const AUGUST_2023 = '2023-08-16';
export const NOVEMBER_2022 = '2022-11-15';
export const AUGUST_2022 = '2022-08-01';
