/** The revision of the modern era; every request names it. */
export const MODERN_REVISION = '2026-07-28';
