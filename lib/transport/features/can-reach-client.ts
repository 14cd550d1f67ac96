import type { ServedUnit } from './server-feature.js';

/** Whether the client can be told later: by `subscriptions/listen`, or in its session. */
export function canReachClient({ era, hasSession }: ServedUnit): boolean {
  return era === 'modern' || hasSession;
}
